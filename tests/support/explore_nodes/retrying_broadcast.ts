/**
 * A correct broadcast node: it sends each value to each peer until the peer acknowledges it. It
 * tolerates every fault except a kill, which loses its memory, and a partial partition, since no
 * node relays the values of another.
 *
 * @module
 */

import { type Json, type Node, schema, serve } from "../../../lib/node/mod.ts";

/** Broadcasts each value to all peers with retries. */
export default function retryingBroadcast(node: Node) {
  const seen = new Set<Json>();
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("read", () => ({ type: "read_ok", messages: [...seen] }));
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    seen.add(message);
    for (const peer of node.peers) replicate(peer, message);
    return { type: "broadcast_ok" };
  });
  node.on("replicate", { message: schema.json }, ({ message }) => {
    seen.add(message);
    return { type: "replicate_ok" };
  });

  async function replicate(peer: string, message: Json): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        await node.rpc(peer, { type: "replicate", message }, { timeoutMs: 1000 });
        return;
      } catch {
        if (attempt === 1) node.sometimes("a retry fired");
        else if (attempt === 1000) node.sometimes("a thousand retries fired");
      }
    }
  }
}

if (import.meta.main) await serve(retryingBroadcast);
