#!/usr/bin/env -S deno run
/**
 * Reference node for txn-rw-register.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";
import { type MicroOperation, serveTransactions, TRANSACTION_FAULTS } from "./transactions.ts";

/** Sets registers. Faults: those of transactions; `invent` answers every 10th read with a value that nobody wrote. */
export default function txnRwRegister(node: Node) {
  const fault = faultOf(node, "invent", ...TRANSACTION_FAULTS);
  const now = everyNth(10);
  const invent = ([f, key, value]: MicroOperation): MicroOperation =>
    f === "r" && now() ? [f, key, -7] : [f, key, value];
  serveTransactions(
    node,
    fault === "invent" ? "none" : fault,
    (_, value) => value,
    (transaction) => fault === "invent" ? transaction.map(invent) : transaction,
  );
}

if (import.meta.main) await serve(txnRwRegister);
