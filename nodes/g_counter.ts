#!/usr/bin/env -S deno run
/**
 * A grow-only counter (Gossip Glomers challenge 4), in four strategies: `crdt` (no store, the
 * default), `seq-kv` (a key per node), `cas` (one shared key), `peers` (asks the others). Each is
 * explained, with why it is right and what it costs, in the file of its name in
 * `lib/protocol/counter/`.
 *
 * @module
 */
import { type Node, serve } from "../lib/node/mod.ts";
import { serveCounter } from "../lib/protocol/counter/mod.ts";

/** Answers `add` (of what is not negative) and `read`. */
export default function gCounter(node: Node) {
  serveCounter(node, { growOnly: true });
}

if (import.meta.main) await serve(gCounter);
