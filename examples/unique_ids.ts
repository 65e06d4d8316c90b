#!/usr/bin/env -S deno run
/**
 * Unique ids: an id consists of the node id and a counter. Nodes need not communicate, because no
 * two have the same id. A node that restarts counts from 0 again, and so repeats its ids;
 * `nodes/unique_ids.ts` shows what to do about that.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `repeat` | repeats every 10th id | `duplicated-id` |
 * | `anonymous` | omits the node id | `duplicated-id` |
 *
 * ```sh
 * deno task maelstrom test -w unique-ids --bin examples/unique_ids.ts --engine sim \
 *   -- --fault repeat
 * ```
 *
 * @module
 */

import { serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";

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
