#!/usr/bin/env -S deno run
/**
 * Transactions that read and write registers, with a primary: the first node executes every
 * transaction in one step, and the other nodes forward theirs to it. So transactions are strict
 * serializable.
 *
 * `--fault` plants a fault. With `--consistency-models` and the model beside it, the checker
 * reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly | Model |
 * |---|---|---|---|
 * | `abort` | commits every 8th transaction, but reports an abort | `G1a` | `read-committed` |
 * | `internal` | hides own writes from every 4th transaction | `internal` | `read-atomic` |
 * | `dirty` | interleaves concurrent transactions | `G1b` | `read-committed` |
 * | `stale` | reads a state up to 400 ms old | `G-single-item-realtime` | `strict-serializable` |
 * | `blind` | writes 40 ms after its reads, unvalidated | `lost-update` | `snapshot-isolation` |
 * | `split` | replicates to other nodes 150 ms later | `lost-update` | `serializable` |
 * | `invent` | returns unwritten values for some reads | `phantom-read` | `read-uncommitted` |
 *
 * ```sh
 * deno task maelstrom test -w txn-rw-register --bin examples/txn_rw_register.ts --engine sim \
 *   --node-count 2 --concurrency 4n --rate 100 --key-count 3 --max-txn-length 8 --time-limit 4 \
 *   --consistency-models read-committed -- --fault abort
 * ```
 *
 * @module
 */

import { serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";
import {
  type MicroOperation,
  serveTransactions,
  TRANSACTION_FAULTS,
} from "./support/transactions.ts";

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
