/**
 * Connects a replica's anti-entropy to a node: flags, messages and timer.
 *
 * @module
 */

import { flag, type FlagValues, MAX_INTERVAL_MS, type Node, schema } from "../../node/mod.ts";
import { DeltaGossip, type Gossip } from "./delta_gossip.ts";
import type { DeltaState } from "./delta_state.ts";
import { overlayNeighbours } from "../../replication/mod.ts";

const interval = { placeholder: "MS", min: 1, max: MAX_INTERVAL_MS } as const;

/** The flags of a node that gossips: the two times of a {@link GossipPace}. */
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

/** Several ticks per interval, so that a change waits little longer than the interval. */
const TICKS_PER_INTERVAL = 4;

/**
 * Replicates a state between all nodes, and returns it.
 *
 * ```ts
 * const gSet = defineNode({ flags: gossipFlags, serves: contract.gSet }, (node, flags) => {
 *   const set = replicate(node, flags, new GrowOnlySet());
 *   // Handlers add to `set` and read `set.elements`.
 * });
 * ```
 */
export function replicate<S extends DeltaState>(
  node: Node,
  { interval: intervalMs, retry: retryMs }: FlagValues<typeof gossipFlags>,
  state: S,
): S {
  const neighbours = overlayNeighbours(node.id, node.nodes);
  const pace = { intervalMs, retryMs };
  const gossip = new DeltaGossip(state, node.incarnation, neighbours, pace);
  node.on("gossip", gossipFields, (body, { src }) => {
    gossip.receive(src, body as Gossip, node.monotonic());
  });
  node.every(intervalMs / TICKS_PER_INTERVAL, () => {
    for (const { to, gossip: body } of gossip.tick(node.monotonic())) {
      node.send(to, { type: "gossip", ...body });
    }
  });
  return state;
}
