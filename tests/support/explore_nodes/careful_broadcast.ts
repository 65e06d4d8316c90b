/**
 * A broadcast node that tells its peers of each value until they say that they have it: correct
 * under every fault but the loss of its memory.
 *
 * @module
 */

import { type Json, type Node, schema, serve } from "../../../lib/node/mod.ts";

/** The node. */
export default function carefulBroadcast(node: Node) {
  const seen = new Set<Json>();
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("read", () => ({ type: "read_ok", messages: [...seen] }));
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    seen.add(message);
    for (const peer of node.peers) tell(peer, message);
    return { type: "broadcast_ok" };
  });
  node.on("tell", { message: schema.json }, ({ message }) => {
    seen.add(message);
    return { type: "tell_ok" };
  });

  async function tell(peer: string, message: Json): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        await node.rpc(peer, { type: "tell", message }, { timeout: 1000 });
        return;
      } catch {
        if (attempt === 1) node.log("sometimes: a retry fired");
        else if (attempt === 1000) node.log("sometimes: a thousand retries fired");
      }
    }
  }
}

if (import.meta.main) await serve(carefulBroadcast);
