#!/usr/bin/env -S deno run
/**
 * Reference node for pn-counter: two gossiped counters, one for additions, one for subtractions.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";
import { GossipedCounter } from "./gossiped_counter.ts";

const GOSSIP_MS = 200;

/**
 * Counts up and down. Faults: `twice` counts every other step up twice; `unsigned` takes
 * subtractions for additions; `single` keeps the difference alone, in a counter that only goes up.
 */
export default function pnCounter(node: Node) {
  const fault = faultOf(node, "twice", "unsigned", "single");
  const up = new GossipedCounter();
  const down = new GossipedCounter();
  const now = everyNth(2);
  node.on("add", { delta: schema.integer }, ({ delta }) => {
    const change = fault === "unsigned" ? Math.abs(delta) : delta;
    const times = fault === "twice" && delta > 0 && now() ? 2 : 1;
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
  node.every(GOSSIP_MS, () => {
    for (const peer of node.peers) {
      node.send(peer, { type: "gossip", up: up.counts, down: down.counts });
    }
  });
}

if (import.meta.main) await serve(pnCounter);
