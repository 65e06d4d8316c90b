/**
 * What a strategy decides: which peers a replica replicates with, and when. A policy decides how fast changes
 * travel and how many messages it takes; it cannot lose any.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import type { Engine } from "./engine.ts";
import type { Update } from "./messages.ts";
import type { Session } from "./session.ts";

/** What a policy receives; passive sessions are not its concern. */
export type PolicyEvent =
  | { readonly type: "changed" | "tick" }
  | {
    readonly type: "update";
    readonly session: Session;
    readonly update: Update;
    /** The state's version before the merge: what is after it is new. */
    readonly before: number;
    /** Whether the update follows the one before, so that it is not a retransmission. */
    readonly isNext: boolean;
  }
  | {
    readonly type: "synced";
    readonly session: Session;
    readonly isReply: boolean;
    readonly hint: Json | undefined;
  }
  | { readonly type: "message" | "suspected" | "restored" | "expired"; readonly session: Session }
  | { readonly type: "refused" | "other"; readonly peer: string; readonly body: Body };

/** When a replica acknowledges updates, in milliseconds. */
export interface AckTiming {
  /** When no update arrived for this long… */
  readonly ackDelayMs: number;
  /** …or when the first unacknowledged one arrived this long ago. */
  readonly maxAckDelayMs: number;
}

/** When both sides of a session acknowledge. */
export interface Timing {
  readonly own: AckTiming;
  readonly peer: AckTiming;
}

/** A strategy: which peers to replicate with, and when. */
export interface Policy {
  /** Returns the peers to replicate with from the start. */
  peers(): readonly string[];
  timing(peer: string): Timing;
  /** Returns when to send what is pending in a session, the first of it since `pendingMs`. */
  sendAtMs(session: Session, pendingMs: number): number;
  /** Whether to replicate with a peer that sends something; true by default. */
  accepts?(peer: string): boolean;
  /** Whether peers that have no session with this replica may lack changes; false by default. */
  isPartitioned?(): boolean;
  /** Whether to advertise changes in new sessions instead of sending them; false by default. */
  readonly isLazy?: boolean;
  /** Returns how long an advertised change may still arrive by another way; 0 by default. */
  ihaveTimeoutMs?(session: Session): number;
  /** Returns what to add to a message whose first change is of `pendingMs`. */
  hint?(session: Session, now: number, pendingMs: number): Json | undefined;
  /** Reacts to an event. */
  on?(event: PolicyEvent, engine: Engine, now: number): void;
  /** Returns when it needs a `tick`; Infinity by default. */
  deadlineMs?(): number;
}
