#!/usr/bin/env -S deno run
/**
 * A node whose ids repeat: a counter that does not contain the node's id.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";

/** Counts from 1 on every node. */
export default function repeatingIds(node: Node) {
  let last = 0;
  node.on("generate", () => ({ type: "generate_ok", id: ++last }));
}

if (import.meta.main) await serve(repeatingIds);
