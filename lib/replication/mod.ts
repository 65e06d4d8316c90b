/**
 * The anti-entropy engine. Any state that can be merged can use it.
 *
 * @module
 */

export { ChangeLog } from "./change_log.ts";
export { Engine } from "./engine.ts";
export type { Effect, EngineOptions, Event, RetryOptions } from "./events.ts";
export { EntryLog } from "./entry_log.ts";
export { gossip, gossipFlags, gossipPolicy, overlayNeighbours } from "./gossip.ts";
export type { Update } from "./messages.ts";
export type { AckTiming, Policy, PolicyEvent, Timing } from "./policy.ts";
export { replicate } from "./replicate.ts";
export { retryFlags, retryOptions } from "./retry_flags.ts";
export { Session } from "./session.ts";
export type { Receiver, ReplicatedState } from "./state.ts";
