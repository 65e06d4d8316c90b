/**
 * An id generator with a planted fault: an id consists of the wall-clock time in milliseconds and a
 * counter within the millisecond. A clock that is set back repeats ids.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";

/** Generates ids from the wall clock. */
export default function wallClockIds(node: Node) {
  let lastMs = 0;
  let count = 0;
  node.on("generate", () => {
    const nowMs = Math.floor(node.now());
    count = nowMs === lastMs ? count + 1 : 0;
    lastMs = nowMs;
    return { type: "generate_ok", id: [node.id, nowMs, count] };
  });
}

if (import.meta.main) await serve(wallClockIds);
