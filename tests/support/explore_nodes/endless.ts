/**
 * An echo node that loops for ever once it is asked for the second time.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** The node. */
export default function endless(node: Node) {
  let asked = 0;
  node.on("echo", { echo: schema.json }, ({ echo }) => {
    while (asked > 0) asked++;
    asked++;
    return { type: "echo_ok", echo };
  });
}

if (import.meta.main) await serve(endless);
