#!/usr/bin/env -S deno run
/**
 * The reference node for txn-list-append.
 *
 * @module
 */

import { serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";
import { type MicroOperation, serveTransactions, TRANSACTION_FAULTS } from "./transactions.ts";

/**
 * Appends to lists. Faults: {@link TRANSACTION_FAULTS}; `double` executes every 12th append twice;
 * `truncate` omits the first element of every 6th list of two or more elements in replies.
 */
const txnListAppend = defineFaultyNode(
  ["double", "truncate", ...TRANSACTION_FAULTS],
  (node, fault) => {
    const isDoubled = everyNth(12);
    const isTruncated = everyNth(6);
    const truncate = (operation: MicroOperation): MicroOperation => {
      const [f, key, value] = operation;
      if (
        f !== "r" || !Array.isArray(value) || value.length < 2 || !isTruncated()
      ) return operation;
      return [f, key, value.slice(1)];
    };
    serveTransactions(
      node,
      fault === "double" || fault === "truncate" ? "none" : fault,
      (list, element) => {
        const before = Array.isArray(list) ? list : [];
        return fault === "double" && isDoubled()
          ? [...before, element, element]
          : [...before, element];
      },
      (transaction) => fault === "truncate" ? transaction.map(truncate) : transaction,
    );
  },
);

export default txnListAppend;

if (import.meta.main) await serve(txnListAppend);
