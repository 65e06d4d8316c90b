#!/usr/bin/env -S deno run
/**
 * A node whose requests bring it into every kind of trouble, for tests of `serve`.
 *
 * @module
 */

import { choice, type Node, schema, serve } from "../../../lib/node/mod.ts";

/** Answers `echo` whatever else happens. */
export default function survivor(node: Node) {
  const { wiring } = node.flags({ wiring: choice(["good", "bad"], "whether it can start at all") });
  if (wiring === "bad") throw new Error("this node cannot be wired");
  node.on("echo", { echo: schema.json }, ({ echo }) => ({ type: "echo_ok", echo }));
  node.on("slow", { ms: schema.number }, async ({ ms }) => {
    await node.sleep(ms);
    return { type: "slow_ok" };
  });
  node.on("ask", async () => ({ ...await node.rpc("n2", { type: "never" }), type: "ask_ok" }));
  node.on("long", { length: schema.natural }, ({ length }) => ({
    type: "long_ok",
    text: "x".repeat(length),
  }));
  node.on("throw", () => {
    throw new Error("thrown by a handler");
  });
  node.on("stray", () => {
    Promise.reject(new Error("a stray rejection"));
    setTimeout(() => {
      throw new Error("a stray error");
    });
    return { type: "stray_ok" };
  });
}

if (import.meta.main) await serve(survivor);
