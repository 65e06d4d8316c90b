/**
 * An echo node with a planted fault: from its second request on, it keeps more than fits into
 * memory.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** Echoes one request, and then fills the memory. */
export default function hoarder(node: Node) {
  const kept: unknown[] = [];
  let requests = 0;
  node.on("echo", { echo: schema.json }, ({ echo }) => {
    if (++requests > 1) {
      for (let count = 0; count < 100_000; count++) kept.push(new Array(1_000_000).fill(count));
    }
    return { type: "echo_ok", echo };
  });
}

if (import.meta.main) await serve(hoarder);
