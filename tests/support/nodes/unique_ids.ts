#!/usr/bin/env -S deno run
/**
 * The reference node for unique-ids: an id consists of the node id and a counter.
 *
 * @module
 */

import { serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";

/** Generates ids. Faults: `repeat` repeats every 10th id; `anonymous` omits the node id. */
const uniqueIds = defineFaultyNode(["repeat", "anonymous"], (node, fault) => {
  const isFaulty = everyNth(10);
  let counter = 0;
  node.on("generate", () => {
    if (fault !== "repeat" || !isFaulty()) counter++;
    return { type: "generate_ok", id: fault === "anonymous" ? counter : `${node.id}-${counter}` };
  });
});

export default uniqueIds;

if (import.meta.main) await serve(uniqueIds);
