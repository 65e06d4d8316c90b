/**
 * A broadcast node that tells every other node of a value once and never again: what is sent during
 * a partition is lost on the other side.
 *
 * @module
 */

import { type Node, schema, serve } from "../../../lib/node/mod.ts";

/** The node. */
export default function forgetfulBroadcast(node: Node) {
  const seen = new Set<unknown>();
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("read", () => ({ type: "read_ok", messages: [...seen] as number[] }));
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    seen.add(message);
    for (const peer of node.peers) node.send(peer, { type: "tell", message });
    return { type: "broadcast_ok" };
  });
  node.on("tell", { message: schema.json }, ({ message }) => void seen.add(message));
}

if (import.meta.main) await serve(forgetfulBroadcast);
