/**
 * A g-counter that keeps its own share in memory and tells the others of it now and then: what it
 * has not told yet is gone when its process is killed.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** The node. */
export default function amnesicCounter(node: Node) {
  const shares = new Map<string, number>();
  const raise = (owner: string, share: number) =>
    shares.set(owner, Math.max(shares.get(owner) ?? 0, share));
  node.on("add", { delta: schema.integer }, ({ delta }) => {
    raise(node.id, (shares.get(node.id) ?? 0) + delta);
    return { type: "add_ok" };
  });
  node.on("read", () => ({
    type: "read_ok",
    value: [...shares.values()].reduce((sum, share) => sum + share, 0),
  }));
  node.on("shares", { shares: schema.record(schema.integer) }, ({ shares }) => {
    for (const [owner, share] of Object.entries(shares)) raise(owner, share);
  });
  node.every(200, () => {
    for (const peer of node.peers) {
      node.send(peer, { type: "shares", shares: Object.fromEntries(shares) });
    }
  });
}

if (import.meta.main) await serve(amnesicCounter);
