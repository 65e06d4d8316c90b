/**
 * An id generator with a planted fault: it keeps its counter in memory. A kill resets the counter, so
 * the node generates the same ids again.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";

/** Generates ids from its own id and a counter. */
export default function volatileIds(node: Node) {
  let next = 0;
  node.on("generate", () => ({ type: "generate_ok", id: `${node.id}-${next++}` }));
}

if (import.meta.main) await serve(volatileIds);
