#!/usr/bin/env -S deno run
/**
 * A counter that goes up and down, in the same four strategies as `g_counter.ts`: `crdt` (the
 * default), `seq-kv`, `cas`, `peers`; see `lib/protocol/counter/`.
 *
 * @module
 */
import { type Node, serve } from "../lib/node/mod.ts";
import { serveCounter } from "../lib/protocol/counter/mod.ts";

/** Answers `add` and `read`. */
export default function pnCounter(node: Node) {
  serveCounter(node, { growOnly: false });
}

if (import.meta.main) await serve(pnCounter);
