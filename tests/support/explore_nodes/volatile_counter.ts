/**
 * A g-counter with a planted fault: it keeps its share in memory and gossips it periodically. A kill
 * loses additions that it acknowledged but has not gossiped.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** Counts additions and gossips the shares of all nodes every 200 ms. */
export default function volatileCounter(node: Node) {
  const shares = new Map<string, number>();
  const mergeShare = (owner: string, share: number) =>
    shares.set(owner, Math.max(shares.get(owner) ?? 0, share));
  node.on("add", { delta: schema.integer }, ({ delta }) => {
    mergeShare(node.id, (shares.get(node.id) ?? 0) + delta);
    return { type: "add_ok" };
  });
  node.on("read", () => ({
    type: "read_ok",
    value: [...shares.values()].reduce((sum, share) => sum + share, 0),
  }));
  node.on("shares", { shares: schema.record(schema.integer) }, ({ shares }) => {
    for (const [owner, share] of Object.entries(shares)) mergeShare(owner, share);
  });
  node.every(200, () => {
    for (const peer of node.peers) {
      node.send(peer, { type: "shares", shares: Object.fromEntries(shares) });
    }
  });
}

if (import.meta.main) await serve(volatileCounter);
