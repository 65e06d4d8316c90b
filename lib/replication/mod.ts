/**
 * The anti-entropy engine. Any state that can be merged can use it.
 *
 * @module
 */

export {
  type Defaulted,
  type DefaultedFlag,
  type Flag,
  type FlagTable,
  type FlagValues,
  type Json,
  RoundTripEstimator,
  type RoundTripOptions,
  type ValueOf,
} from "../base/mod.ts";
export type * from "../node/mod.ts";
export type { RetryOptions as RpcRetryOptions } from "../node/mod.ts";
export { type Change, ChangeLog } from "./change_log.ts";
export { Engine } from "./engine.ts";
export { EntryLog } from "./entry_log.ts";
export {
  gossip,
  type GossipFlags,
  gossipFlags,
  gossipPolicy,
  overlayNeighbours,
} from "./gossip.ts";
export { replicate, type RetryFlags, retryFlags, retryOptions } from "./replicate.ts";
export { Session } from "./session.ts";
export type {
  AckTiming,
  Effect,
  EngineOptions,
  Event,
  Header,
  Ihave,
  IhaveFields,
  Policy,
  PolicyEvent,
  Receiver,
  ReplicatedState,
  RetryOptions,
  Summary,
  Sync,
  SyncFields,
  Timing,
  Update,
  UpdateFields,
} from "./types.ts";
