/**
 * The anti-entropy engine. Any state that can be merged can use it.
 *
 * @module
 */

export { ChangeLog } from "./change_log.ts";
export { Engine } from "./engine.ts";
export { EntryLog } from "./entry_log.ts";
export { gossip, gossipFlags, gossipPolicy, overlayNeighbours } from "./gossip.ts";
export { replicate, retryFlags, retryOptions } from "./replicate.ts";
export { Session } from "./session.ts";
export type {
  AckTiming,
  Effect,
  EngineOptions,
  Event,
  Policy,
  PolicyEvent,
  Receiver,
  ReplicatedState,
  RetryOptions,
  Timing,
  Update,
} from "./types.ts";
