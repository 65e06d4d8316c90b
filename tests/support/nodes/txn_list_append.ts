#!/usr/bin/env -S deno run
/**
 * Reference node for txn-list-append.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";
import { type MicroOperation, serveTransactions, TRANSACTION_FAULTS } from "./transactions.ts";

/**
 * Appends to lists. Faults: those of transactions; `double` makes every 12th append twice;
 * `behead` leaves out the first element of every 6th list of two or more.
 */
export default function txnListAppend(node: Node) {
  const fault = faultOf(node, "double", "behead", ...TRANSACTION_FAULTS);
  const doubled = everyNth(12);
  const beheaded = everyNth(6);
  const behead = (operation: MicroOperation): MicroOperation => {
    const [f, key, value] = operation;
    if (f !== "r" || !Array.isArray(value) || value.length < 2 || !beheaded()) return operation;
    return [f, key, value.slice(1)];
  };
  serveTransactions(
    node,
    fault === "double" || fault === "behead" ? "none" : fault,
    (list, element) => {
      const before = Array.isArray(list) ? list : [];
      return fault === "double" && doubled() ? [...before, element, element] : [...before, element];
    },
    (transaction) => fault === "behead" ? transaction.map(behead) : transaction,
  );
}

if (import.meta.main) await serve(txnListAppend);
