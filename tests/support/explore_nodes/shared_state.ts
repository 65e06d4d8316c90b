/**
 * A node that violates the requirement of simulations: its module has mutable state, which all nodes
 * share and which survives a run. Its echoes become wrong after more incarnations than one run has.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

const MAX_CORRECT_INCARNATIONS = 40;
const shared = { incarnations: 0 };

/** Echoes null after {@link MAX_CORRECT_INCARNATIONS} incarnations in the process. */
export default function sharedState(node: Node) {
  const incarnation = ++shared.incarnations;
  node.on("echo", { echo: schema.json }, ({ echo }) => ({
    type: "echo_ok",
    echo: incarnation > MAX_CORRECT_INCARNATIONS ? null : echo,
  }));
}

if (import.meta.main) await serve(sharedState);
