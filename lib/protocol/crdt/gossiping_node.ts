/**
 * Puts a gossiping replica on a node: its timer, its messages, its flags.
 *
 * @module
 */

import { LONGEST_INTERVAL_MS, type Node, type NodeFlag, quantity, schema } from "../../node/mod.ts";
import { DeltaGossip, type Gossip } from "./delta_gossip.ts";
import type { DeltaState } from "./delta_state.ts";
import { overlayNeighbours } from "./overlay.ts";

/** The flags of a node that gossips. */
export const gossipFlags: {
  readonly interval: NodeFlag<number>;
  readonly retry: NodeFlag<number>;
} = {
  interval: quantity(
    500,
    "milliseconds between two messages to a neighbour. Challenge 4 with whole links takes 0.13 " +
      "messages an operation, and nodes agree after 0.2 s; with 250 it is 0.25 and 0.1 s, with " +
      "1000 0.07 and 0.45 s",
    { least: 1, most: LONGEST_INTERVAL_MS },
  ),
  retry: quantity(
    800,
    "milliseconds between two messages to a neighbour that does not answer: below the second in " +
      "which a healed cluster has to agree",
    { least: 1, most: LONGEST_INTERVAL_MS },
  ),
};

/** A name for this life of a node that no other life has. */
export function newIncarnation(node: Node): string {
  return `${Math.floor(node.now()).toString(36)}-${
    Math.floor(node.random() * 2 ** 48).toString(36)
  }`;
}

/** The fields of a {@link Gossip} as a message. */
export const gossipFields = {
  incarnation: schema.string,
  since: schema.natural,
  version: schema.natural,
  delta: schema.optional(schema.json),
  heard: schema.object({ incarnation: schema.string, version: schema.natural }),
  stamp: schema.natural,
  echo: schema.optional(schema.object({ incarnation: schema.string, stamp: schema.natural })),
};

/** Ticks so many times in an interval, so that news never waits much longer than it. */
const TICKS_PER_INTERVAL = 4;

/**
 * Replicates a state between all nodes. Call it while the node is wired; `makeState` is called once
 * the node knows who it is, with a name for this life of it.
 */
export function replicate<S extends DeltaState>(
  node: Node,
  pace: { readonly interval: number; readonly retry: number },
  makeState: (incarnation: string) => S,
): () => S {
  let replica: { readonly state: S; readonly gossip: DeltaGossip } | undefined;
  const known = () => {
    if (replica === undefined) throw new Error("there is no replica before init");
    return replica;
  };
  node.on("init", () => {
    const incarnation = newIncarnation(node);
    const state = makeState(incarnation);
    const neighbours = overlayNeighbours(node.id, node.nodes);
    replica = { state, gossip: new DeltaGossip(state, incarnation, neighbours, pace) };
  });
  node.on("gossip", gossipFields, (body, message) => {
    known().gossip.receive(message.src, body as Gossip);
  });
  // Time is counted in ticks, because a node's clock may jump.
  const tickLength = pace.interval / TICKS_PER_INTERVAL;
  let elapsed = 0;
  node.every(tickLength, () => {
    elapsed += tickLength;
    for (const { to, gossip } of known().gossip.tick(elapsed)) {
      node.send(to, { type: "gossip", ...gossip });
    }
  });
  return () => known().state;
}
