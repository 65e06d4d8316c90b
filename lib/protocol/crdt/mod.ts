/**
 * Conflict-free replicated data types (CRDTs), and the anti-entropy that replicates them.
 *
 * @module
 */

export { DeltaGossip, type Gossip, type GossipPace, type OutgoingGossip } from "./delta_gossip.ts";
export type { DeltaState } from "./delta_state.ts";
export { gossipFields, gossipFlags, replicate } from "./gossiping_node.ts";
export { overlayNeighbours } from "../../replication/mod.ts";
