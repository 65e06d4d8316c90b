/**
 * A node that violates the requirement of simulations: it has mutable state in a built-in object,
 * which all nodes share and which survives a run. Its echoes become wrong after more incarnations
 * than one run has.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

const MAX_CORRECT_INCARNATIONS = 40;
const COUNT = Symbol.for("incarnations");

/** Returns the number of times that this process has called the function. */
function countIncarnations(): number {
  const shared = Array.prototype as { [COUNT]?: number };
  return shared[COUNT] = (shared[COUNT] ?? 0) + 1;
}

/** Echoes null after {@link MAX_CORRECT_INCARNATIONS} incarnations in the process. */
export default function sharedState(node: Node) {
  const incarnation = countIncarnations();
  node.on("echo", { echo: schema.json }, ({ echo }) => ({
    type: "echo_ok",
    echo: incarnation > MAX_CORRECT_INCARNATIONS ? null : echo,
  }));
}

if (import.meta.main) await serve(sharedState);
