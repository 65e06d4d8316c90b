#!/usr/bin/env -S deno run
/**
 * Reference node for g-set: every node sends all its elements to all others from time to time.
 *
 * @module
 */

import { type Json, type Node, schema, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";

const GOSSIP_MS = 200;
const FREEZE_AFTER_MS = 1500;

/**
 * Keeps a set. Faults: `forget` acknowledges every 6th addition and forgets it; `freeze` stops reads
 * from moving after a while; `overwrite` takes what comes in for the whole set.
 */
export default function gSet(node: Node) {
  const fault = faultOf(node, "forget", "freeze", "overwrite");
  const now = everyNth(6);
  let elements = new Set<Json>();
  let frozen: Json[] | undefined;
  node.on("add", { element: schema.json }, ({ element }) => {
    if (fault !== "forget" || !now()) elements.add(element);
    return { type: "add_ok" };
  });
  node.on("read", () => ({ type: "read_ok", value: frozen ?? [...elements] }));
  node.on("gossip", { elements: schema.array(schema.json) }, (message) => {
    elements = new Set(
      fault === "overwrite" ? message.elements : [...elements, ...message.elements],
    );
  });
  node.every(GOSSIP_MS, () => {
    for (const peer of node.peers) node.send(peer, { type: "gossip", elements: [...elements] });
  });
  node.after(FREEZE_AFTER_MS, () => {
    if (fault === "freeze") frozen = [...elements];
  });
}

if (import.meta.main) await serve(gSet);
