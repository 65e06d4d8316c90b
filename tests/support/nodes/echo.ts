#!/usr/bin/env -S deno run
/**
 * Reference node for echo.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";

/** Echoes; `alter` changes every 7th payload, `refuse` answers every 7th request with error 11. */
export default function echo(node: Node) {
  const fault = faultOf(node, "alter", "refuse");
  const now = everyNth(7);
  node.on("echo", { echo: schema.json }, ({ echo }) => {
    if (fault === "none" || !now()) return { type: "echo_ok", echo };
    return fault === "alter"
      ? { type: "echo_ok", echo: `${echo}!` }
      : { type: "error", code: 11, text: "not now" };
  });
}

if (import.meta.main) await serve(echo);
