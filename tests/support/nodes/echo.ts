#!/usr/bin/env -S deno run
/**
 * The reference node for echo.
 *
 * @module
 */

import { schema, serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";

/** Echoes. Faults: `alter` changes every 7th payload; `refuse` rejects every 7th request with error 11. */
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
