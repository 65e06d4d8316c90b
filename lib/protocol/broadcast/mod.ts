/**
 * Broadcast strategies: state machines, without a clock or a network, that replicate values from
 * each node to all nodes.
 *
 * @module
 */

export { Flood } from "./flood.ts";
export { Hub, type HubOptions } from "./hub.ts";
export type { LinkTiming } from "./link.ts";
export type { LocalNode, Outbox, Strategy } from "./strategy.ts";
export { Mesh, type MeshOptions } from "./mesh.ts";
export { Neighbours, type NeighboursOptions, type NeighboursTopology } from "./neighbours.ts";
export { Plumtree, type PlumtreeOptions } from "./plumtree.ts";
export type { ProbeOptions } from "./prober.ts";
export { runStrategy, type StrategyRunner } from "./run_strategy.ts";
export { gridNeighbours, ringNeighbours, treeNeighbours } from "./overlays.ts";
