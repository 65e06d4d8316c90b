/**
 * Raft: a replicated state machine (Ongaro and Ousterhout, "In Search of an Understandable Consensus
 * Algorithm", extended version, 2014).
 *
 * A cluster of members executes the same commands in the same order, and survives the loss of any
 * minority. {@link RaftServer} is a member. The program provides a state machine, a storage, a transport
 * and a clock.
 *
 * Elections have a pre-vote, entries are replicated in pipelined batches, reads need no entry in the
 * log (ReadIndex, or leases as an option), logs are compacted, and snapshots are sent in messages of
 * limited size. Members are added and removed one at a time; a new one receives the log before it counts.
 * The leadership can be handed over, and a command that is retried executes once. It is simulated with
 * lost messages and disks, and checked against the properties of the paper's figure 3.
 *
 * @module
 */

export { MemoryStorage } from "./server/memory_storage.ts";
export type {
  Forward,
  Forwarded,
  MemberChange,
  Refused,
  ServerMessage,
} from "./server/messages.ts";
export type { Json } from "../../../base/mod.ts";
export type { Clock, Storage } from "./server/replica.ts";
export { RequestError } from "./server/request_error.ts";
export {
  DEFAULT_COMPACT_AFTER,
  DEFAULT_COMPACT_FACTOR,
  DEFAULT_TIMING,
  type LeadershipEvent,
  type MemberState,
  RaftServer,
  type RaftServerOptions,
  type RequestOptions,
  type Transport,
} from "./server/server.ts";
export type { NumberedCommand, Outcome } from "./server/sessions.ts";
export type { StateMachine } from "./server/state_machine.ts";
export type {
  Appended,
  AppendEntries,
  ChunkReceived,
  Entry,
  InstallSnapshot,
  RaftMessage,
  RaftTiming,
  Rejected,
  RequestVote,
  Role,
  Snapshot,
  TimeoutNow,
  Vote,
} from "./types.ts";
