/**
 * An echo node with a planted fault: its second request matches an expression that backtracks for
 * years. No loop of the node's own code runs, so only the thread pool's timeout ends it.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

const AMBIGUOUS = /^(?:a+)+$/;

/** Echoes one request. */
export default function endlessSearch(node: Node) {
  let requests = 0;
  node.on("echo", { echo: schema.json }, ({ echo }) => {
    if (++requests > 1) AMBIGUOUS.test(`${"a".repeat(60)}b`);
    return { type: "echo_ok", echo };
  });
}

if (import.meta.main) await serve(endlessSearch);
