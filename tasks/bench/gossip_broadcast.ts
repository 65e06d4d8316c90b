/**
 * The protocol of `examples/go/broadcast` and `examples/c/broadcast.c` in TypeScript, so that
 * benchmarks compare languages and not protocols.
 *
 * @module
 */

import { type Json, type Node, schema } from "../../lib/node/mod.ts";

const RETRY_INTERVAL_MS = 200;
const values = { values: schema.array(schema.json) };

/** Forwards new values to all neighbours, and sends those without an acknowledgement again. */
export function gossipBroadcast(node: Node): void {
  const known = new Set<Json>();
  const pending = new Map<string, Set<Json>>();

  function receive(received: readonly Json[], sender?: string): void {
    const added = received.filter((value) => !known.has(value));
    if (added.length === 0) return;
    for (const value of added) known.add(value);
    for (const [neighbour, unacknowledged] of pending) {
      if (neighbour === sender) continue;
      for (const value of added) unacknowledged.add(value);
      node.send(neighbour, { type: "gossip", values: added });
    }
  }

  node.on("topology", { topology: schema.record(schema.array(schema.string)) }, ({ topology }) => {
    for (const neighbour of topology[node.id] ?? []) pending.set(neighbour, new Set(known));
    return { type: "topology_ok" };
  });
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    receive([message]);
    return { type: "broadcast_ok" };
  });
  node.on("read", () => ({ type: "read_ok", messages: [...known] }));
  node.on("gossip", values, (gossip, { src }) => {
    receive(gossip.values, src);
    node.send(src, { type: "gossip_ok", values: gossip.values });
  });
  node.on("gossip_ok", values, (acknowledged, { src }) => {
    for (const value of acknowledged.values) pending.get(src)?.delete(value);
  });
  node.every(RETRY_INTERVAL_MS, () => {
    for (const [neighbour, unacknowledged] of pending) {
      if (unacknowledged.size === 0) continue;
      node.send(neighbour, { type: "gossip", values: [...unacknowledged] });
    }
  });
}
