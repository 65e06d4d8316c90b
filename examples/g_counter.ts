#!/usr/bin/env -S deno run
/**
 * A grow-only counter (G-counter) as a state-based CRDT: each node has its own count, gossips the
 * counts of all nodes, and returns their sum. See {@link GossipedCounter}.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `forget` | acknowledges every third addition without executing it | `unacceptable-read` |
 * | `fraction` | adds 0.5 to the value of every 5th read | `non-integer-read` |
 * | `silo` | sends no gossip | `unacceptable-read` |
 *
 * ```sh
 * deno task maelstrom test -w g-counter --bin examples/g_counter.ts --engine sim -- --fault silo
 * ```
 *
 * @module
 */

import { schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";
import { GossipedCounter } from "./support/gossiped_counter.ts";

const GOSSIP_INTERVAL_MS = 200;

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
