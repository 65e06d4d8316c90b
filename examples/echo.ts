#!/usr/bin/env -S deno run
/**
 * Echo: replies to each request with its payload. The smallest node.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `alter` | changes every 7th payload | `wrong-echo` |
 * | `refuse` | replies to every 7th request with an error | `wrong-echo` |
 *
 * ```sh
 * deno task maelstrom test -w echo --bin examples/echo.ts --engine sim -- --fault alter
 * ```
 *
 * @module
 */

import { schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";

const echo = defineFaultyNode(["alter", "refuse"], (node, fault) => {
  const isFaulty = everyNth(7);
  node.on("echo", { echo: schema.json }, ({ echo }) => {
    if (fault === "none" || !isFaulty()) return { type: "echo_ok", echo };
    return fault === "alter"
      ? { type: "echo_ok", echo: `${echo}!` }
      : { type: "error", code: 11, text: "temporarily unavailable" };
  });
});

export default echo;

if (import.meta.main) await serve(echo);
