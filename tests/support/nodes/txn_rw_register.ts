#!/usr/bin/env -S deno run
/**
 * The reference node for txn-rw-register.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";
import { type MicroOperation, serveTransactions, TRANSACTION_FAULTS } from "./transactions.ts";

/**
 * Writes registers. Faults: {@link TRANSACTION_FAULTS}; `invent` returns a value that no transaction
 * wrote for every 10th read.
 */
export default function txnRwRegister(node: Node) {
  const fault = faultOf(node, "invent", ...TRANSACTION_FAULTS);
  const isFaulty = everyNth(10);
  const invent = ([f, key, value]: MicroOperation): MicroOperation =>
    f === "r" && isFaulty() ? [f, key, -7] : [f, key, value];
  serveTransactions(
    node,
    fault === "invent" ? "none" : fault,
    (_, value) => value,
    (transaction) => fault === "invent" ? transaction.map(invent) : transaction,
  );
}

if (import.meta.main) await serve(txnRwRegister);
