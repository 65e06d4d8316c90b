#!/usr/bin/env -S deno run
/**
 * The reference node for txn-rw-register.
 *
 * @module
 */

import { serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";
import { type MicroOperation, serveTransactions, TRANSACTION_FAULTS } from "./transactions.ts";

/**
 * Writes registers. Faults: {@link TRANSACTION_FAULTS}; `invent` returns a value that no transaction
 * wrote for every 10th read.
 */
const txnRwRegister = defineFaultyNode(["invent", ...TRANSACTION_FAULTS], (node, fault) => {
  const isFaulty = everyNth(10);
  const invent = ([f, key, value]: MicroOperation): MicroOperation =>
    f === "r" && isFaulty() ? [f, key, -7] : [f, key, value];
  serveTransactions(
    node,
    fault === "invent" ? "none" : fault,
    (_, value) => value,
    (transaction) => fault === "invent" ? transaction.map(invent) : transaction,
  );
});

export default txnRwRegister;

if (import.meta.main) await serve(txnRwRegister);
