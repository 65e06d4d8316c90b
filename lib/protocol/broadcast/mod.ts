/**
 * Ways to get values from each node to all others, as state machines without clock or network.
 *
 * @module
 */

export { Flood } from "./flood.ts";
export { Hub, type HubPace } from "./hub.ts";
export type { LinkTiming } from "./link.ts";
export type { Identity, Machine, Outbox } from "./machine.ts";
export { Mesh, type MeshPace } from "./mesh.ts";
export { Neighbours, type NeighboursPace, type NeighboursShape } from "./neighbours.ts";
export { Plumtree, type PlumtreePace } from "./plumtree.ts";
export type { ProbePace } from "./prober.ts";
export { runMachine, type Running } from "./run_machine.ts";
export { gridNeighbours, ringNeighbours, treeNeighbours } from "./shapes.ts";
