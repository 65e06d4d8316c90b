/**
 * Puts a gossiping replica on a node: its timer, its messages, its flags.
 *
 * @module
 */

import { flag, MAX_INTERVAL_MS, type Node, schema } from "../../node/mod.ts";
import { DeltaGossip, type Gossip } from "./delta_gossip.ts";
import type { DeltaState } from "./delta_state.ts";
import { overlayNeighbours } from "./overlay.ts";

const interval = { placeholder: "MS", min: 1, max: MAX_INTERVAL_MS } as const;

/** The flags of a node that gossips. */
export const gossipFlags = {
  interval: flag.number({ ...interval, help: "time between messages to a peer", default: 500 }),
  retry: flag.number({ ...interval, help: "the same for a silent peer", default: 800 }),
};

/** The fields of a {@link Gossip} as a message. */
export const gossipFields = {
  incarnation: schema.string,
  since: schema.natural,
  version: schema.natural,
  delta: schema.optional(schema.json),
  acked: schema.object({ incarnation: schema.string, version: schema.natural }),
  seq: schema.natural,
  echo: schema.optional(schema.object({ incarnation: schema.string, seq: schema.natural })),
};

/** Ticks so many times in an interval, so that news never waits much longer than it. */
const TICKS_PER_INTERVAL = 4;

/** Replicates a state between all nodes; it is named after this incarnation of the node. */
export function replicate<S extends DeltaState>(
  node: Node,
  pace: { readonly interval: number; readonly retry: number },
  state: S,
): S {
  const peers = overlayNeighbours(node.id, node.nodes);
  const gossip = new DeltaGossip(state, node.incarnation, peers, pace);
  node.on("gossip", gossipFields, (body, { src }) => gossip.receive(src, body as Gossip));
  node.every(pace.interval / TICKS_PER_INTERVAL, () => {
    for (const { to, gossip: body } of gossip.tick(node.monotonic())) {
      node.send(to, { type: "gossip", ...body });
    }
  });
  return state;
}
