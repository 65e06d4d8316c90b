#!/usr/bin/env -S deno run
/**
 * The reference node for unique-ids: an id consists of the node id and a counter.
 *
 * @module
 */

import { type Node, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";

/** Generates ids. Faults: `repeat` repeats every 10th id; `anonymous` omits the node id. */
export default function uniqueIds(node: Node) {
  const fault = faultOf(node, "repeat", "anonymous");
  const isFaulty = everyNth(10);
  let counter = 0;
  node.on("generate", () => {
    if (fault !== "repeat" || !isFaulty()) counter++;
    return { type: "generate_ok", id: fault === "anonymous" ? counter : `${node.id}-${counter}` };
  });
}

if (import.meta.main) await serve(uniqueIds);
