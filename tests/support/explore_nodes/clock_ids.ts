/**
 * An id generator that trusts its clock: ids are the milliseconds since 1970 and a counter within
 * them. When the clock is set back, ids come again.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";

/** The node. */
export default function clockIds(node: Node) {
  let last = 0;
  let count = 0;
  node.on("generate", () => {
    const now = Math.floor(node.now());
    count = now === last ? count + 1 : 0;
    last = now;
    return { type: "generate_ok", id: [node.id, now, count] };
  });
}

if (import.meta.main) await serve(clockIds);
