/**
 * A broadcast node with a planted fault: it sends each value to each peer once, without retries. A
 * partition loses the values that are sent across it.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** Broadcasts each value to all peers once. */
export default function fireAndForgetBroadcast(node: Node) {
  const seen = new Set<unknown>();
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("read", () => ({ type: "read_ok", messages: [...seen] as number[] }));
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    seen.add(message);
    for (const peer of node.peers) node.send(peer, { type: "replicate", message });
    return { type: "broadcast_ok" };
  });
  node.on("replicate", { message: schema.json }, ({ message }) => void seen.add(message));
}

if (import.meta.main) await serve(fireAndForgetBroadcast);
