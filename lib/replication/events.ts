/**
 * The events and effects of a replication engine.
 *
 * @module
 */

import type { Body } from "../wire/mod.ts";

/** What happens to a replica. */
export type Event =
  | { readonly type: "started" | "changed" | "tick" }
  | { readonly type: "received"; readonly peer: string; readonly body: Body };

/** What a replica does. A `timer` replaces the one before it. */
export type Effect =
  | { readonly type: "send"; readonly peer: string; readonly body: Body }
  | { readonly type: "sometimes"; readonly text: string }
  | { readonly type: "timer"; readonly atMs: number };

/** When to retransmit. */
export interface RetryOptions {
  /** Added to each round trip, for a busy machine, in milliseconds. */
  readonly rtoMarginMs: number;
  /** The longest retransmission timeout, unless a round trip is longer. */
  readonly maxRtoMs: number;
  /** The number of consecutive timeouts after which a peer is suspected. */
  readonly maxTimeouts: number;
}

/** How a replica starts. */
export interface EngineOptions extends RetryOptions {
  readonly id: string;
  readonly incarnation: string;
  readonly nodes: readonly string[];
  random(): number;
}
