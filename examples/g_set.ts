#!/usr/bin/env -S deno run
/**
 * A grow-only set (G-set) as a state-based CRDT: a node adds elements to its own copy, and sends
 * its whole copy to all peers at an interval. A copy is merged by union, which neither loss, nor
 * duplication, nor reordering of messages can harm (Shapiro et al. 2011, section 3.3.1).
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `forget` | acknowledges every 6th addition without executing it | `lost` |
 * | `freeze` | returns to all reads what it had after 1.5 s | `lost` |
 * | `overwrite` | replaces its copy by each one received | `lost` |
 *
 * ```sh
 * deno task maelstrom test -w g-set --bin examples/g_set.ts --engine sim -- --fault overwrite
 * ```
 *
 * @module
 */

import { type Json, schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";

const GOSSIP_INTERVAL_MS = 200;
const FREEZE_DELAY_MS = 1500;

const gSet = defineFaultyNode(["forget", "freeze", "overwrite"], (node, fault) => {
  const isFaulty = everyNth(6);
  let elements = new Set<Json>();
  let frozen: Json[] | undefined;
  node.on("add", { element: schema.json }, ({ element }) => {
    if (fault !== "forget" || !isFaulty()) elements.add(element);
    return { type: "add_ok" };
  });
  node.on("read", () => ({ type: "read_ok", value: frozen ?? [...elements] }));
  node.on("gossip", { elements: schema.array(schema.json) }, (message) => {
    elements = new Set(
      fault === "overwrite" ? message.elements : [...elements, ...message.elements],
    );
  });
  node.every(GOSSIP_INTERVAL_MS, () => {
    for (const peer of node.peers) node.send(peer, { type: "gossip", elements: [...elements] });
  });
  node.after(FREEZE_DELAY_MS, () => {
    if (fault === "freeze") frozen = [...elements];
  });
});

export default gSet;

if (import.meta.main) await serve(gSet);
