/**
 * A node that breaks the rule of simulations: it keeps something outside of its function, which all
 * nodes of a process share and which outlasts a run. Its echo is wrong once it has been wired so
 * often that no single test does so.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

const MOST_LIVES = 40;
const shared = { lives: 0 };

/** The node. */
export default function sharedMemory(node: Node) {
  const life = ++shared.lives;
  node.on("echo", { echo: schema.json }, ({ echo }) => ({
    type: "echo_ok",
    echo: life > MOST_LIVES ? null : echo,
  }));
}

if (import.meta.main) await serve(sharedMemory);
