#!/usr/bin/env -S deno run
/**
 * A grow-only counter (Gossip Glomers challenge 4).
 *
 * | `--strategy` | Where the counter is |
 * |---|---|
 * | `crdt` (default) | on every node, replicated by anti-entropy |
 * | `seq-kv` | in the store seq-kv, one key per node |
 * | `cas` | in the store seq-kv, one key for all nodes |
 * | `peers` | on every node its own total; a read requests all totals |
 *
 * `lib/protocol/counter/` has a file for each strategy, which argues its correctness and cost.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { counterFlags, serveCounter } from "../lib/protocol/counter/mod.ts";

/** Handles `add` and `read`. */
const gCounter = defineNode(
  { flags: counterFlags, serves: contract.gCounter },
  (node, flags) => serveCounter(node, flags, { growOnly: true }),
);

export default gCounter;
if (import.meta.main) await serve(gCounter);
