/**
 * An echo node with a planted fault: its second request enters an infinite loop.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** Echoes one request. */
export default function infiniteLoop(node: Node) {
  let requests = 0;
  node.on("echo", { echo: schema.json }, ({ echo }) => {
    while (requests > 0) requests++;
    requests++;
    return { type: "echo_ok", echo };
  });
}

if (import.meta.main) await serve(infiniteLoop);
