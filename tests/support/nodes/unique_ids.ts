#!/usr/bin/env -S deno run
/**
 * Reference node for unique-ids: its own id and a counter.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";

/** Generates ids; `repeat` gives every 10th id twice, `anonymous` leaves out the node's id. */
export default function uniqueIds(node: Node) {
  const fault = faultOf(node, "repeat", "anonymous");
  const now = everyNth(10);
  let counter = 0;
  node.on("generate", () => {
    if (fault !== "repeat" || !now()) counter++;
    return { type: "generate_ok", id: fault === "anonymous" ? counter : `${node.id}-${counter}` };
  });
}

if (import.meta.main) await serve(uniqueIds);
