/**
 * Policy `gossip`: neighbours in an overlay exchange what has changed, at most once an interval.
 *
 * **Idea.** The overlay is a graph with few links and short paths, which every node computes from the
 * list of nodes. A change goes out immediately, unless the last message to that neighbour is younger
 * than an interval T; then it waits, and later changes travel with it. A neighbour forwards what it
 * lacked. So a link carries at most 2/T messages a second, however many changes there are, and none
 * without changes. A change takes up to T for each hop.
 *
 * **Acknowledgements** ride along: a node waits for a little more than T, in which it usually sends
 * an update. Where updates travel in one direction only, every third one is acknowledged.
 *
 * @module
 */

import { type DefaultedFlag, flag, type FlagValues } from "../base/mod.ts";
import { MAX_INTERVAL_MS, type Node } from "../node/mod.ts";
import type { Engine } from "./engine.ts";
import { replicate, type RetryFlags, retryFlags, retryOptions } from "./replicate.ts";
import type { Policy, ReplicatedState } from "./types.ts";

/** In a cluster of at most this size, each node is a neighbour of every other. */
const MAX_FULL_MESH_NODES = 5;
/** What an update may be late by, and still carry an acknowledgement. */
const ACK_MARGIN_MS = 50;

/** The flags of a node that gossips. */
export type GossipFlags = RetryFlags & {
  /** `--interval MS`: the least time between two messages to a peer; 500 by default. */
  readonly interval: DefaultedFlag<number>;
};

/** The flags of a node that gossips, for its table of flags. */
export const gossipFlags: GossipFlags = {
  interval: flag.number({
    placeholder: "MS",
    min: 1,
    max: MAX_INTERVAL_MS,
    help: "time between messages to a peer",
    default: 600,
  }),
  ...retryFlags,
};

/** Gossips a state with all nodes; call `changed` after each local change. */
export function gossip(
  node: Node,
  state: ReplicatedState,
  flags: FlagValues<GossipFlags>,
  peers: readonly string[] = overlayNeighbours(node.id, node.nodes),
): { readonly engine: Engine; readonly changed: () => void } {
  return replicate(node, state, gossipPolicy(flags.interval, peers), retryOptions(flags));
}

/** Returns the policy, for one replica and its neighbours. */
export function gossipPolicy(intervalMs: number, peers: readonly string[]): Policy {
  const ack = {
    ackDelayMs: intervalMs + ACK_MARGIN_MS,
    maxAckDelayMs: 2 * intervalMs + ACK_MARGIN_MS,
  };
  return {
    peers: () => peers,
    timing: () => ({ own: ack, peer: ack }),
    sendAtMs: (session, pendingMs) => Math.max(pendingMs, session.lastSentMs + intervalMs),
  };
}

/**
 * Returns the neighbours of a node. In a small cluster they are all other nodes. In a larger one
 * they are the nodes at distances 1, 2, 4, … in the ring of all nodes, in both directions: Chord's
 * fingers (Stoica et al. 2001), made symmetric. A node has at most 2·log₂ n neighbours, and no path
 * is longer than log₂ n.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { overlayNeighbours } from "@gossip/workbench/replication";
 *
 * const nodes = ["n0", "n1", "n2", "n3", "n4", "n5"];
 * deepEqual(overlayNeighbours("n0", nodes), ["n1", "n5", "n2", "n4"]);
 * ```
 */
export function overlayNeighbours(id: string, nodes: readonly string[]): string[] {
  if (nodes.length <= MAX_FULL_MESH_NODES) return nodes.filter((node) => node !== id);
  const self = nodes.indexOf(id);
  const neighbours = new Set<string>();
  for (let distance = 1; distance <= nodes.length / 2; distance *= 2) {
    neighbours.add(nodes[(self + distance) % nodes.length] as string);
    neighbours.add(nodes[(self - distance + nodes.length) % nodes.length] as string);
  }
  return [...neighbours];
}
