#!/usr/bin/env -S deno run
/**
 * Transactions that read lists and append to them, with a primary: the first node executes every
 * transaction in one step, and the other nodes forward theirs to it. So transactions are strict
 * serializable.
 *
 * `--fault` plants a fault. With `--consistency-models` and the model beside it, the checker
 * reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly | Model |
 * |---|---|---|---|
 * | `abort` | commits every 8th transaction, but reports an abort | `G1a` | `read-committed` |
 * | `internal` | hides own writes from every 4th transaction | `internal` | `snapshot-isolation` |
 * | `dirty` | interleaves concurrent transactions | `G1b` | `read-committed` |
 * | `stale` | reads a state up to 400 ms old | `G-single-item-realtime` | `strict-serializable` |
 * | `blind` | writes 40 ms after its reads, unvalidated | `lost-update` | `snapshot-isolation` |
 * | `split` | replicates to other nodes 150 ms later | `incompatible-order` | `read-committed` |
 * | `double` | executes every 12th append twice | `duplicate-elements` | `read-uncommitted` |
 * | `truncate` | omits the head of every 6th list | `incompatible-order` | `read-committed` |
 *
 * ```sh
 * deno task maelstrom test -w txn-list-append --bin examples/txn_list_append.ts --engine sim \
 *   --node-count 2 --concurrency 4n --rate 100 --key-count 3 --time-limit 4 \
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
