/**
 * An id generator that counts from zero: after its process was killed it hands out the same ids
 * again.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";

/** The node. */
export default function repeatingIds(node: Node) {
  let next = 0;
  node.on("generate", () => ({ type: "generate_ok", id: `${node.id}-${next++}` }));
}

if (import.meta.main) await serve(repeatingIds);
