/**
 * The strategies that lose no values, with the default options of `nodes/broadcast.ts`.
 *
 * @module
 */

import {
  gridNeighbours,
  Hub,
  type HubOptions,
  type LinkTiming,
  type LocalNode,
  Mesh,
  Neighbours,
  Plumtree,
  ringNeighbours,
  type Strategy,
  treeNeighbours,
} from "../../../lib/protocol/broadcast/mod.ts";

export const retransmission = { rtoMarginMs: 100, maxRtoMs: 600, maxTimeouts: 3 };
export const probe = { minDelayMs: 200, maxDelayMs: 800 };
export const timing: LinkTiming = {
  ...retransmission,
  ackDelayMs: 150,
  maxAckDelayMs: 1000,
  peerAckDelayMs: 150,
  peerMaxAckDelayMs: 1000,
};
export const hubOptions: HubOptions = {
  ...retransmission,
  probe,
  flushIntervalMs: 380,
  flushMarginMs: 30,
  hubAckDelayMs: 2000,
};

/** Creates the strategy `hub`. */
export function hub(self: LocalNode): Hub {
  return new Hub(self, hubOptions);
}

/** Creates the strategy `mesh`. */
export function mesh(self: LocalNode): Mesh {
  const ackDelays = {
    ackDelayMs: 150,
    maxAckDelayMs: 150,
    peerAckDelayMs: 150,
    peerMaxAckDelayMs: 400,
  };
  return new Mesh(self, {
    probe,
    repairIntervalMs: 4000,
    idleDelayMs: 200,
    ihaveTimeoutMs: 250,
    timing: { ...retransmission, ...ackDelays },
  });
}

/** Creates the strategy `retry`; `changes` replace parts of the timing of its links. */
export function retry(self: LocalNode, changes: Partial<LinkTiming> = {}): Neighbours {
  const topology = { initial: gridNeighbours(self.nodes, self.id), followsSuggestion: true };
  return new Neighbours(self, topology, {
    intervalMs: 0,
    probe,
    timing: { ...timing, ...changes },
  });
}

/** Creates the strategy `batch`. */
export function batch(self: LocalNode): Neighbours {
  const topology = { initial: gridNeighbours(self.nodes, self.id), followsSuggestion: true };
  return new Neighbours(self, topology, { intervalMs: 100, probe, timing });
}

/** Creates the strategy `tree`. */
export function tree(self: LocalNode): Neighbours {
  const topology = { initial: treeNeighbours(self.nodes, self.id, 5), followsSuggestion: false };
  return new Neighbours(self, topology, { intervalMs: 0, probe, timing });
}

/** Creates the strategy `plumtree`. */
export function plumtree(self: LocalNode): Plumtree {
  return new Plumtree(self, ringNeighbours(self.nodes, self.id, 6), {
    probe,
    lazyIntervalMs: 1000,
    idleDelayMs: 200,
    graftHops: 8,
    timing: { ...timing, maxAckDelayMs: 1500, peerMaxAckDelayMs: 2500 },
  });
}

/** All of these strategies by name. */
export const STRATEGIES: Readonly<Record<string, (self: LocalNode) => Strategy>> = {
  hub,
  mesh,
  retry: (self) => retry(self),
  batch,
  tree,
  plumtree,
};
