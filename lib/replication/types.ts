/**
 * The types of replication: the state that is replicated, the events and effects of a replica, the
 * messages between two of them, and the policy that decides when to send which.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import type { Body, SchemasOf } from "../wire/mod.ts";
import { array, boolean, json, natural, number, optional, string } from "../wire/schema.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** What a sender knows about a receiver when it composes a delta for it. */
export interface Receiver {
  /** The receiver's incarnation, as `node.incarnation`; changes that came from it are left out. */
  readonly source: string;
  /** The receiver's last {@link ReplicatedState.summary}; what it includes is left out, too. */
  readonly summary: Json | undefined;
}

/**
 * A replica's state, with a log of its changes. A *position* is the number of changes before a point
 * of that log. Positions are this replica's own: two replicas make the same changes in other orders.
 *
 * Merging must be commutative, associative and idempotent (a join semilattice), so that replicas that
 * have merged the same deltas are equal (Almeida, Shoker, Baquero: "Delta state replicated data
 * types", 2018, section 4).
 */
export interface ReplicatedState {
  /** The position after the last change. It only grows. */
  readonly version: number;
  /**
   * Whether a delta may only be merged when everything before it has been, as causal consistency
   * requires. The engine drops others.
   */
  readonly isOrdered: boolean;
  /** Returns the first position from `from` on with a change that a receiver needs, or `version`. */
  firstFor(from: number, receiver: Receiver): number;
  /** Returns when a change was made or merged, in milliseconds of the engine's clock. */
  changedAt(position: number): number;
  /** Returns the changes from a position on that a receiver needs, and the position that they end at. */
  delta(from: number, receiver: Receiver): { readonly delta: Json; readonly to: number };
  /**
   * Merges a delta that an incarnation `source` sent. Throws a TypeError for a malformed one, and then
   * merges nothing of it.
   */
  merge(delta: Json, source: string, now: number): void;
  /** Returns a digest of this state, by which another replica finds out what this one lacks. */
  summary(): Json;
  /** Returns the position up to which {@link ReplicatedState.summary} includes every change. */
  readonly summaryVersion: number;
  /** Returns whether this state includes everything that a summary includes. */
  includes(summary: Json): boolean;
}

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
  /** The node's id. */
  readonly id: string;
  /** The node's incarnation, as `node.incarnation`. */
  readonly incarnation: string;
  /** The ids of all nodes, this one included. */
  readonly nodes: readonly string[];
  /** Returns a random number from 0 to 1, 1 excluded. */
  random(): number;
}

/** The fields that all messages of a session have. */
export interface Header {
  /** The sender's incarnation. */
  readonly me: string;
  /** The receiver's incarnation, as far as the sender knows it. */
  readonly you: string | undefined;
  /** Whether the sender replicates on behalf of others only, see {@link Session.isPassive}. */
  readonly passive: boolean | undefined;
  /** The position of the receiver's log up to which the sender has all changes. */
  readonly ack: number;
  /** The sender's clock in milliseconds. */
  readonly time: number;
  /** The receiver's clock a round trip ago; undefined if an earlier message has measured that. */
  readonly echo: number | undefined;
  /** What the sender's policy adds, see {@link Policy.hint}. */
  readonly hint: Json | undefined;
}

/** What the sender has. */
export interface Summary {
  /** The sender's {@link ReplicatedState.summary}. */
  readonly summary: Json;
  /** The position of the sender's log up to which the summary includes everything. */
  readonly at: number;
}

/** Changes: all that the receiver may lack in some positions of the sender's log. */
export interface UpdateFields extends Header {
  /** The first position. */
  readonly from: number;
  /** The position after the last one. */
  readonly to: number;
  /** The changes; undefined if the receiver lacks none. */
  readonly delta: Json | undefined;
  /** Whether to acknowledge immediately: an acknowledgement has timed out. */
  readonly urgent: boolean | undefined;
}

/** An advertisement: the receiver requests what it lacks (IHAVE of Plumtree). */
export interface IhaveFields extends Header, Summary {}

/** A summary that the receiver answers with its own. */
export interface SyncFields extends Header, Summary {
  /** The time of the request that this message answers. */
  readonly answers: number | undefined;
  /** Nodes that the sender cannot reach: sync with them. */
  readonly relay: string[] | undefined;
}

const header: SchemasOf<Header> = {
  me: string,
  you: optional(string),
  passive: optional(boolean),
  ack: natural,
  time: natural,
  echo: optional(number),
  hint: optional(json),
};
const summary: SchemasOf<Summary> = { summary: json, at: natural };

/** The schemas of the messages' fields, by message type. */
export const messageFields: {
  readonly update: SchemasOf<UpdateFields>;
  readonly ihave: SchemasOf<IhaveFields>;
  readonly sync: SchemasOf<SyncFields>;
} = {
  update: {
    ...header,
    from: natural,
    to: natural,
    delta: optional(json),
    urgent: optional(boolean),
  },
  ihave: { ...header, ...summary },
  sync: {
    ...header,
    ...summary,
    answers: optional(natural),
    relay: optional(array(string)),
  },
};

/** A received update. */
export type Update = Body & UpdateFields;
/** A received advertisement. */
export type Ihave = Body & IhaveFields;
/** A received sync request or reply. */
export type Sync = Body & SyncFields;

/** What a policy receives; passive sessions are not its concern. */
export type PolicyEvent =
  | { readonly type: "changed" | "tick" }
  | {
    readonly type: "update";
    readonly session: Session;
    readonly update: Update;
    /** The state's version before the merge: what is after it is new. */
    readonly before: number;
  }
  | {
    readonly type: "synced";
    readonly session: Session;
    readonly sync: Sync;
    readonly isReply: boolean;
  }
  | { readonly type: "message" | "suspected" | "expired"; readonly session: Session }
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
  /** When this replica acknowledges. */
  readonly own: AckTiming;
  /** When the peer acknowledges. */
  readonly peer: AckTiming;
}

/**
 * A strategy: which peers a replica replicates with, and when. A policy decides how fast changes travel
 * and how many messages it takes; it cannot lose any.
 */
export interface Policy {
  /** Returns the peers to replicate with from the start. */
  peers(): readonly string[];
  /** Returns when both sides of the session with a peer acknowledge. */
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
