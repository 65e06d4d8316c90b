/**
 * Strategy `flood`: a node that receives a value for the first time sends it to all its neighbours
 * but the one that it came from.
 *
 * The naive strategy that everyone starts with, kept as a baseline. With e links that is e to 2·e
 * messages for a value, at a latency per hop. Nothing is acknowledged: what a partition, a loss or a
 * pause takes is lost to the nodes behind it.
 *
 * @module
 */

import { canonicalJson, type Json, type Node, schema } from "../../node/mod.ts";
import { type Broadcast, gridNeighbours } from "./strategy.ts";

/** Starts the strategy. */
export function flood(node: Node): Broadcast {
  const known = new Map<string, Json>();
  let neighbours: readonly string[] = gridNeighbours(node.nodes, node.id);

  const receive = (value: Json, sender?: string) => {
    const text = canonicalJson(value);
    if (known.has(text)) return;
    known.set(text, value);
    for (const peer of neighbours) {
      if (peer !== sender) node.send(peer, { type: "flood", message: value });
    }
  };
  node.on("flood", { message: schema.json }, ({ message }, { src }) => receive(message, src));
  return {
    add: (value) => receive(value),
    values: () => [...known.values()],
    suggest(topology) {
      neighbours = (topology[node.id] ?? neighbours).filter((peer) => node.peers.includes(peer));
    },
  };
}
