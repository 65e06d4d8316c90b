#!/usr/bin/env -S deno run
/**
 * The reference node for pn-counter: two G-counters, for additions and for subtractions.
 *
 * @module
 */

import { schema, serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";
import { GossipedCounter } from "./gossiped_counter.ts";

const GOSSIP_INTERVAL_MS = 200;

/**
 * Counts up and down. Faults: `twice` executes every other addition twice. `unsigned` executes
 * subtractions as additions. `single` uses one G-counter for both, whose merge loses subtractions.
 */
const pnCounter = defineFaultyNode(["twice", "unsigned", "single"], (node, fault) => {
  const up = new GossipedCounter();
  const down = new GossipedCounter();
  const isSecond = everyNth(2);
  node.on("add", { delta: schema.integer }, ({ delta }) => {
    const change = fault === "unsigned" ? Math.abs(delta) : delta;
    const times = fault === "twice" && delta > 0 && isSecond() ? 2 : 1;
    if (change >= 0 || fault === "single") up.add(node.id, times * change);
    else down.add(node.id, times * -change);
    return { type: "add_ok" };
  });
  node.on("read", () => ({ type: "read_ok", value: up.value - down.value }));
  const counts = schema.record(schema.integer);
  node.on("gossip", { up: counts, down: counts }, (message) => {
    up.merge(message.up);
    down.merge(message.down);
  });
  node.every(GOSSIP_INTERVAL_MS, () => {
    for (const peer of node.peers) {
      node.send(peer, { type: "gossip", up: up.counts, down: down.counts });
    }
  });
});

export default pnCounter;

if (import.meta.main) await serve(pnCounter);
