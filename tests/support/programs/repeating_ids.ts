#!/usr/bin/env -S deno run
/**
 * An id node whose ids repeat, as those of a counter without the node's id do.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";

/** Counts from 0 on every node. */
export default function repeatingIds(node: Node) {
  let last = 0;
  node.on("generate", () => ({ type: "generate_ok", id: ++last }));
}

if (import.meta.main) await serve(repeatingIds);
