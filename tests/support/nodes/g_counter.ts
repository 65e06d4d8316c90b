#!/usr/bin/env -S deno run
/**
 * Reference node for g-counter: a gossiped counter.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";
import { GossipedCounter } from "./gossiped_counter.ts";

const GOSSIP_MS = 200;

/**
 * Counts. Faults: `forget` acknowledges every third addition and forgets it; `fraction` answers
 * every 5th read with a number that is no integer; `silo` tells the others nothing.
 */
export default function gCounter(node: Node) {
  const fault = faultOf(node, "forget", "fraction", "silo");
  const counter = new GossipedCounter();
  const third = everyNth(3);
  const fifth = everyNth(5);
  node.on("add", { delta: schema.natural }, ({ delta }) => {
    if (fault !== "forget" || delta === 0 || !third()) counter.add(node.id, delta);
    return { type: "add_ok" };
  });
  node.on("read", () => {
    const error = fault === "fraction" && fifth() ? 0.5 : 0;
    return { type: "read_ok", value: counter.value + error };
  });
  node.on("gossip", { counts: schema.record(schema.natural) }, ({ counts }) => {
    counter.merge(counts);
  });
  node.every(GOSSIP_MS, () => {
    if (fault === "silo") return;
    for (const peer of node.peers) node.send(peer, { type: "gossip", counts: counter.counts });
  });
}

if (import.meta.main) await serve(gCounter);
