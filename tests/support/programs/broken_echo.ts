#!/usr/bin/env -S deno run
/**
 * An echo node with a planted fault, which its argument names.
 *
 * @module
 */

import { flag, serve, withFlags } from "../../../lib/node/mod.ts";

const FAULTS = [
  "none",
  "alter",
  "twice",
  "silent",
  "exit",
  "stack-trace",
  "unknown-node",
  "wrong-shape",
  "no-init",
] as const;
const flags = {
  fault: flag.oneOf(FAULTS, { help: "the fault to plant", default: "none" }),
};
/** Echoes, except for its fault. */
const brokenEcho = withFlags({ flags }, (node, { fault }) => {
  let count = 0;
  node.on("echo", ({ echo }, message) => {
    count++;
    const reply = { type: "echo_ok", echo: echo ?? null };
    switch (fault) {
      case "alter":
        return count % 3 === 0 ? { ...reply, echo: "altered" } : reply;
      case "twice":
        node.reply(message, reply);
        return reply;
      case "silent":
        return;
      case "exit":
        if (count === 5) Deno.exit(3);
        return reply;
      case "stack-trace":
        if (count === 2) printStackTrace();
        return reply;
      case "unknown-node":
        if (count === 2) node.send("n99", { type: "hello" });
        return reply;
      case "wrong-shape":
        return { type: "echo_okay", echo: echo ?? null };
      default:
        return reply;
    }
  });
  return fault === "no-init" ? new Promise(() => {}) : undefined;
});

export default brokenEcho;

function printStackTrace() {
  const trace = 'Traceback (most recent call last):\n  File "node.py", line 3\n';
  Deno.stdout.writeSync(new TextEncoder().encode(trace));
}

if (import.meta.main) await serve(brokenEcho);
