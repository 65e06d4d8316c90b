/**
 * Data types whose replicas agree without coordination, and how they hear of each other's changes.
 *
 * @module
 */

export { DeltaGossip, type Gossip, type GossipPace, type Outgoing } from "./delta_gossip.ts";
export type { DeltaState } from "./delta_state.ts";
export { gossipFields, gossipFlags, replicate } from "./gossiping_node.ts";
export { GrowOnlySet } from "./grow_only_set.ts";
export { overlayNeighbours } from "./overlay.ts";
export { PnCounter } from "./pn_counter.ts";
