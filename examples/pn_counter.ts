#!/usr/bin/env -S deno run
/**
 * A counter that adds and subtracts (PN-counter) as a state-based CRDT. The merge of a G-counter
 * takes the higher count, so a count must never decrease. The node therefore has two G-counters:
 * one for additions, and one for subtractions.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `twice` | executes every other addition twice | `unacceptable-read` |
 * | `unsigned` | executes subtractions as additions | `unacceptable-read` |
 * | `single` | has one G-counter for both, whose merge loses subtractions | `unacceptable-read` |
 *
 * ```sh
 * deno task maelstrom test -w pn-counter --bin examples/pn_counter.ts --engine sim \
 *   -- --fault single
 * ```
 *
 * @module
 */

import { schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";
import { GossipedCounter } from "./support/gossiped_counter.ts";

const GOSSIP_INTERVAL_MS = 200;

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
