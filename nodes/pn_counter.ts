#!/usr/bin/env -S deno run
/**
 * A counter that goes up and down, in the same four strategies as `g_counter.ts`: `crdt` (default),
 * `seq-kv`, `cas` and `peers`.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { counterFlags, serveCounter } from "../lib/protocol/counter/mod.ts";

/** Handles `add` and `read`. */
const pnCounter = defineNode(
  { flags: counterFlags, serves: contract.pnCounter },
  (node, flags) => serveCounter(node, flags, { growOnly: false }),
);

export default pnCounter;
if (import.meta.main) await serve(pnCounter);
