/**
 * Every strategy that loses nothing, with the pace that its node has by default.
 *
 * @module
 */

import {
  gridNeighbours,
  Hub,
  type HubPace,
  type Identity,
  type LinkTiming,
  type Machine,
  Mesh,
  Neighbours,
  Plumtree,
  ringNeighbours,
  treeNeighbours,
} from "../../../lib/protocol/broadcast/mod.ts";

export const patience = { slack: 100, retryMost: 600, attempts: 3 };
export const probe = { first: 200, most: 800 };
export const timing: LinkTiming = {
  ...patience,
  ackQuiet: 150,
  ackLongest: 1000,
  peerQuiet: 150,
  peerLongest: 1000,
};
export const hubPace: HubPace = { ...patience, probe, interval: 380, margin: 30, keepAlive: 2000 };

/** Makes a hub. */
export function hub(self: Identity): Hub {
  return new Hub(self, hubPace);
}

/** Makes a mesh. */
export function mesh(self: Identity): Mesh {
  const ack = { ackQuiet: 150, ackLongest: 150, peerQuiet: 150, peerLongest: 400 };
  return new Mesh(self, {
    probe,
    repairInterval: 4000,
    quiet: 200,
    grace: 250,
    timing: { ...patience, ...ack },
  });
}

/** Makes the strategy `retry`; `shorter` changes the timing of its links. */
export function retry(self: Identity, shorter: Partial<LinkTiming> = {}): Neighbours {
  const shape = { own: gridNeighbours(self.nodes, self.id), suggestible: true };
  return new Neighbours(self, shape, { interval: 0, probe, timing: { ...timing, ...shorter } });
}

/** Makes the strategy `batch`. */
export function batch(self: Identity): Neighbours {
  const shape = { own: gridNeighbours(self.nodes, self.id), suggestible: true };
  return new Neighbours(self, shape, { interval: 100, probe, timing });
}

/** Makes the strategy `tree`. */
export function tree(self: Identity): Neighbours {
  const shape = { own: treeNeighbours(self.nodes, self.id, 5), suggestible: false };
  return new Neighbours(self, shape, { interval: 0, probe, timing });
}

/** Makes Plumtree. */
export function plumtree(self: Identity): Plumtree {
  return new Plumtree(self, ringNeighbours(self.nodes, self.id, 6), {
    probe,
    lazyInterval: 1000,
    quiet: 200,
    graftHops: 8,
    timing: { ...timing, ackLongest: 1500, peerLongest: 2500 },
  });
}

/** All of them by name. */
export const STRATEGIES: Readonly<Record<string, (self: Identity) => Machine>> = {
  hub,
  mesh,
  retry: (self) => retry(self),
  batch,
  tree,
  plumtree,
};
