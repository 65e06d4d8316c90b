#!/usr/bin/env -S deno run
/**
 * The reference node for g-counter: a state-based G-counter.
 *
 * @module
 */

import { schema, serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";
import { GossipedCounter } from "./gossiped_counter.ts";

const GOSSIP_INTERVAL_MS = 200;

/**
 * Counts. Faults: `forget` acknowledges every third addition without executing it. `fraction` adds
 * 0.5 to the value of every 5th read. `silo` sends no gossip.
 */
const gCounter = defineFaultyNode(["forget", "fraction", "silo"], (node, fault) => {
  const counter = new GossipedCounter();
  const isThird = everyNth(3);
  const isFifth = everyNth(5);
  node.on("add", { delta: schema.natural }, ({ delta }) => {
    if (fault !== "forget" || delta === 0 || !isThird()) counter.add(node.id, delta);
    return { type: "add_ok" };
  });
  node.on("read", () => {
    const offset = fault === "fraction" && isFifth() ? 0.5 : 0;
    return { type: "read_ok", value: counter.value + offset };
  });
  node.on("gossip", { counts: schema.record(schema.natural) }, ({ counts }) => {
    counter.merge(counts);
  });
  node.every(GOSSIP_INTERVAL_MS, () => {
    if (fault === "silo") return;
    for (const peer of node.peers) node.send(peer, { type: "gossip", counts: counter.counts });
  });
});

export default gCounter;

if (import.meta.main) await serve(gCounter);
