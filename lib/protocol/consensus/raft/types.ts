/**
 * What goes into the Raft state machine and what comes out of it.
 *
 * Events go in, one at a time, with the present time. Effects come out, in the order in which the
 * driver must execute them. The paper is Ongaro and Ousterhout, "In Search of an Understandable
 * Consensus Algorithm", extended version (2014); the thesis is Ongaro, "Consensus: Bridging Theory
 * and Practice" (2014). Sections are those of the paper unless the thesis is named.
 *
 * @module
 */

import type { Json } from "../../../base/mod.ts";

/**
 * A log entry. It has a command of the state machine, or the members of a new configuration
 * (section 6) with a command that notes the change, or neither: the no-op of a new leader (section 8).
 */
export type Entry = {
  /** The term of the leader that created the entry. */
  readonly term: number;
  readonly command?: Json;
  readonly members?: readonly string[];
};

/** The state machine's state after the entry at an index, which replaces all entries up to it. */
export type Snapshot = {
  readonly index: number;
  /** The term of the entry at the index. */
  readonly term: number;
  /** The members of the cluster as of the index. */
  readonly members: readonly string[];
  readonly data: Json;
};

/** What is durable before a message leaves that promises it (figure 2, "persistent state"). */
export type LogRecord =
  /** The current term, and the candidate that has this node's vote in it; null for none. */
  | { readonly term: number; readonly vote: string | null }
  /** Entries from an index on. They replace what the log had there and after. */
  | { readonly from: number; readonly entries: readonly Entry[] };

/** A candidate requests a vote (section 5.2), or a pre-vote (thesis 9.6). */
export type RequestVote = {
  readonly type: "request_vote";
  readonly term: number;
  readonly last_index: number;
  readonly last_term: number;
  /** A pre-vote: the receiver changes no state. `term` is the term that would begin. */
  readonly pre?: boolean;
  /** The leader itself requested the election, so that it does not count as a disruption. */
  readonly transfer?: boolean;
};

/** The reply to a {@link RequestVote}; a granted pre-vote has the term of the request. */
export type Vote = {
  readonly type: "vote";
  readonly term: number;
  readonly granted: boolean;
  readonly pre?: boolean;
};

/** The leader replicates entries, or asserts its leadership without any (section 5.3). */
export type AppendEntries = {
  readonly type: "append_entries";
  readonly term: number;
  readonly prev_index: number;
  readonly prev_term: number;
  readonly entries: readonly Entry[];
  /** The leader's commit index. */
  readonly commit: number;
  /** The number of the leader's round. Its acknowledgement confirms the leadership (section 8). */
  readonly round: number;
};

/**
 * The leader sends a chunk of a snapshot to a follower that lacks compacted entries (section 7,
 * figure 13). The term, the last index and the last term identify the snapshot.
 */
export type InstallSnapshot = {
  readonly type: "install_snapshot";
  readonly term: number;
  /** The index and the term of the last entry that the snapshot replaces. */
  readonly last_index: number;
  readonly last_term: number;
  /** Where the chunk begins in the snapshot's text. */
  readonly offset: number;
  readonly data: string;
  /** Whether this is the last chunk. */
  readonly done: boolean;
  readonly round: number;
};

/**
 * The follower has a snapshot's text up to an offset, not durably. It replies with {@link Appended}
 * when it has installed the whole one.
 */
export type ChunkReceived = {
  readonly type: "chunk_received";
  readonly term: number;
  readonly last_index: number;
  readonly offset: number;
  readonly round: number;
};

/** The follower's log equals the leader's up to `match`, durably. */
export type Appended = {
  readonly type: "appended";
  readonly term: number;
  readonly match: number;
  readonly round: number;
};

/**
 * The follower's log has another entry at `prev_index`, or none. `conflict_index` is the first
 * index of that entry's term, or the first free index (section 5.3, last paragraph but two).
 */
export type Rejected = {
  readonly type: "rejected";
  readonly term: number;
  readonly prev_index: number;
  readonly conflict_index: number;
  readonly conflict_term?: number;
  readonly round: number;
};

/** The leader requests an election from a follower, which starts it immediately (thesis 3.10). */
export type TimeoutNow = { readonly type: "timeout_now"; readonly term: number };

/** A message between members. */
export type RaftMessage =
  | RequestVote
  | Vote
  | AppendEntries
  | InstallSnapshot
  | ChunkReceived
  | Appended
  | Rejected
  | TimeoutNow;

/** What happens to a member. */
export type RaftEvent =
  | { readonly type: "started" }
  /** The time of the last `timer` effect has come. */
  | { readonly type: "tick" }
  | { readonly type: "received"; readonly from: string; readonly message: RaftMessage }
  /** Clients' commands; only for a leader that accepts them (`Raft.acceptsProposals`). */
  | { readonly type: "propose"; readonly commands: readonly Json[] }
  /** A read; ends in a `read` effect with this id. */
  | { readonly type: "read"; readonly id: number }
  /**
   * Lets a node that is not a member catch up with the log, instead of an earlier one. Ends in a
   * `learned` effect unless the leader steps down.
   */
  | { readonly type: "learn"; readonly learner: string }
  /** Adds or removes one member; ignored if `Raft.changeProblem` has an objection. */
  | { readonly type: "change"; readonly members: readonly string[]; readonly command?: Json }
  /** Hands the leadership to another member. */
  | { readonly type: "transfer"; readonly to: string }
  /** The first `persisted` of all `persist` and `replace` effects are durable. */
  | { readonly type: "durable"; readonly persisted: number }
  /** The state machine's state after the entry at an index, which may be compacted. */
  | { readonly type: "compact"; readonly index: number; readonly data: Json };

/** What the driver must do, in order. */
export type Effect =
  /** Appends a record to the storage. */
  | { readonly type: "persist"; readonly record: LogRecord }
  /** Replaces the storage by a snapshot and records. */
  | {
    readonly type: "replace";
    readonly snapshot: Snapshot;
    readonly records: readonly LogRecord[];
  }
  /**
   * Sends a message: immediately, or when everything persisted before it is durable. The leader's
   * entries leave immediately, in parallel to its own write (thesis 10.2.1): it counts itself for the
   * majority when they are durable.
   */
  | {
    readonly type: "send";
    readonly to: string;
    readonly message: RaftMessage;
    readonly after: "now" | "durable";
  }
  /** Replaces the state machine's state. */
  | { readonly type: "restore"; readonly snapshot: Snapshot }
  /** Applies a committed entry. Entries come in order, each index once. */
  | { readonly type: "apply"; readonly index: number; readonly entry: Entry }
  /** A read may run now, on the state as it is; or this node cannot confirm its leadership. */
  | { readonly type: "read"; readonly id: number; readonly ok: boolean }
  /** A node may become a member now, or has a problem and cannot. */
  | { readonly type: "learned"; readonly learner: string; readonly problem?: string }
  /** The role, the term or the known leader is another one. */
  | { readonly type: "changed" }
  /** A rare path was reached. */
  | { readonly type: "sometimes"; readonly text: string }
  /** The time, on the clock of `handle`, of the next `tick`; always the last effect. */
  | { readonly type: "timer"; readonly atMs: number };

/** The roles of figure 4, with the pre-candidate of thesis 9.6. */
export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

/** When a member sends messages and starts elections. */
export interface RaftTiming {
  /** The shortest election timeout in milliseconds; timeouts are random up to twice that. */
  readonly electionMs: number;
  /** The longest time without a message from the leader to a member, in milliseconds. */
  readonly heartbeatMs: number;
  /**
   * The shortest time between two rounds of the leader, in milliseconds: what arrives meanwhile
   * shares the next round. The first proposal after a pause does not wait.
   */
  readonly lingerMs: number;
  /** The maximum number of entries in a message; more follow without waiting for its acknowledgement. */
  readonly maxEntries: number;
  /** The maximum number of bytes of a snapshot in a message; a longer one takes several messages. */
  readonly maxChunkBytes: number;
  /**
   * Lets the leader answer reads without a round for some time after one (thesis 6.4.1). It is the
   * fraction by which any two members' clocks may differ in rate, above 0 and below 1; undefined
   * for no leases. Reads may be stale if clocks differ by more.
   */
  readonly leaseDrift?: number;
}

/** What a member starts with. */
export interface RaftOptions {
  readonly id: string;
  /** The members of a cluster without a log. */
  readonly members: readonly string[];
  readonly timing: RaftTiming;
  /** Returns random numbers in [0, 1), for election timeouts. */
  readonly random: () => number;
  /** What the storage had, see `readRecords`. */
  readonly recovered: Recovered;
}

/** The persistent state of a member. */
export interface Recovered {
  readonly term: number;
  readonly vote: string | null;
  readonly snapshot: Snapshot | undefined;
  /** The entries after the snapshot, or from index 1. */
  readonly entries: readonly Entry[];
}
