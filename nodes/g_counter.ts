#!/usr/bin/env -S deno run
/**
 * A grow-only counter (Gossip Glomers challenge 4), in four strategies: `crdt` (no store, the
 * default), `seq-kv` (a key per node), `cas` (one shared key), `peers` (asks the others). Each is
 * explained, with why it is right and what it costs, in the file of its name in
 * `lib/protocol/counter/`.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { counterFlags, serveCounter } from "../lib/protocol/counter/mod.ts";

/** Answers `add` and `read`. */
const gCounter = defineNode(
  { flags: counterFlags, serves: contract.gCounter },
  (node, flags) => serveCounter(node, flags, { growOnly: true }),
);

export default gCounter;
if (import.meta.main) await serve(gCounter);
