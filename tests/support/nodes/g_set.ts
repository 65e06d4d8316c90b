#!/usr/bin/env -S deno run
/**
 * The reference node for g-set: a state-based G-set, whose nodes gossip all their elements.
 *
 * @module
 */

import { type Json, schema, serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";

const GOSSIP_INTERVAL_MS = 200;
const FREEZE_DELAY_MS = 1500;

/**
 * Stores a set. Faults: `forget` acknowledges every 6th addition without executing it. `freeze` makes
 * reads stale permanently. `overwrite` replaces the set by each gossiped one.
 */
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
