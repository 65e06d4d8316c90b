/**
 * The state that all parts of a member share (figure 2, "State"), and the effects of the current
 * event.
 *
 * @module
 */

import { invariant, type Json } from "../../../base/mod.ts";
import { Log } from "./log.ts";
import { SnapshotReceiver } from "./snapshot_chunks.ts";
import type { Effect, LogRecord, RaftMessage, RaftOptions, Role, Snapshot } from "./types.ts";

/** The longest election timeout as a multiple of the first one. */
const MAX_ELECTION_FACTOR = 4;
/**
 * How much longer the election timeout becomes with each election without a result, after the first:
 * a second split is rare unless round trips are long.
 */
const ELECTION_GROWTH = 1.5;

/** A member's state. */
export class Core {
  readonly id: string;
  readonly options: RaftOptions;
  readonly log: Log;
  /** The snapshot that a leader is sending. */
  readonly incoming = new SnapshotReceiver();
  /** The latest term that this member has seen. */
  term: number;
  /** The candidate that has this member's vote in the term; null for none. */
  vote: string | null;
  role: Role = "follower";
  /** The leader of the term, if it is known. */
  leader: string | undefined;
  /** The highest index known to be committed. */
  commit: number;
  /** The highest index given to the state machine. */
  applied: number;
  /** The index up to which this member's own log is durable. */
  durable: number;
  /** The number of `persist` and `replace` effects. */
  persisted = 0;
  now = 0;
  /** When this member last received a message from the leader, or started. */
  contactMs = 0;
  /** When this member starts an election. */
  electionAtMs = Infinity;
  /** The elections that this member has started since it last received from a leader. */
  elections = 0;
  #effects: Effect[] = [];
  /** For each effect that is not yet durable: its number, and the end of the log at that time. */
  #pending: { readonly number: number; end: number }[] = [];

  constructor(options: RaftOptions) {
    const { id, members, recovered: { term, vote, snapshot, entries } } = options;
    this.id = id;
    this.options = options;
    this.log = new Log(members, snapshot, entries);
    this.term = term;
    this.vote = vote;
    this.commit = this.applied = this.log.snapshotIndex;
    this.durable = this.log.lastIndex;
    invariant(this.log.lastTerm <= term, "the term is durable before an entry of the term");
  }

  /** The other members. */
  get peers(): readonly string[] {
    return this.log.members.filter((member) => member !== this.id);
  }

  /** Whether this node is a member by the latest configuration in its log. */
  get isMember(): boolean {
    return this.log.members.includes(this.id);
  }

  /** Whether these nodes are a majority of the members. */
  isMajority(nodes: ReadonlySet<string>): boolean {
    const { members } = this.log;
    return 2 * members.filter((member) => nodes.has(member)).length > members.length;
  }

  /** The highest value that a majority of the members has reached. */
  majorityValue(valueOf: (member: string) => number): number {
    const values = this.log.members.map(valueOf).sort((a, b) => b - a);
    return values[values.length >> 1] ?? -Infinity;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  takeEffects(): Effect[] {
    return this.#effects.splice(0);
  }

  send(to: string, message: RaftMessage, after: "now" | "durable" = "now"): void {
    this.emit({ type: "send", to, message, after });
  }

  sometimes(text: string): void {
    this.emit({ type: "sometimes", text });
  }

  persist(record: LogRecord): void {
    this.emit({ type: "persist", record });
    this.#notePersisted();
  }

  /** Persists entries that the log has from an index on. */
  persistFrom(from: number): void {
    this.durable = Math.min(this.durable, from - 1);
    for (const effect of this.#pending) effect.end = Math.min(effect.end, from - 1);
    this.persist({ from, entries: this.log.slice(from, Infinity) });
  }

  /** Replaces what is persistent by a snapshot, which the log has, and the entries after it. */
  persistSnapshot(snapshot: Snapshot): void {
    const entries = this.log.slice(snapshot.index + 1, Infinity);
    const records: LogRecord[] = [{ term: this.term, vote: this.vote }];
    if (entries.length > 0) records.push({ from: snapshot.index + 1, entries });
    this.emit({ type: "replace", snapshot, records });
    this.#notePersisted();
  }

  /** Notes that the first `persisted` effects are durable. */
  noteDurable(persisted: number): void {
    while ((this.#pending[0]?.number ?? Infinity) <= persisted) {
      this.durable = this.#pending.shift()?.end as number;
    }
    invariant(this.durable <= this.log.lastIndex, "the durable entries are in the log");
  }

  /** Moves to a term, without a vote in it or with one (section 5.1). */
  enterTerm(term: number, vote: string | null): void {
    invariant(
      term > this.term || (term === this.term && this.vote === null),
      "terms increase, and a member votes once in a term",
    );
    if (term > this.term) {
      this.leader = undefined;
      this.role = "follower";
    }
    this.term = term;
    this.vote = vote;
    this.persist({ term, vote });
    this.emit({ type: "changed" });
  }

  /** Notes a message of the term's leader. */
  noteLeader(leader: string): void {
    invariant(
      this.leader === undefined || this.leader === leader,
      "at most one leader can be elected in a term (election safety)",
    );
    this.contactMs = this.now;
    this.elections = 0;
    this.restartElectionTimer();
    if (this.leader === leader && this.role === "follower") return;
    this.role = "follower";
    this.leader = leader;
    this.emit({ type: "changed" });
  }

  /** Steps down: this leader has lost its majority, or has left the configuration. */
  stepDown(): void {
    this.role = "follower";
    this.leader = undefined;
    this.emit({ type: "changed" });
  }

  /** Starts a random election timeout (section 5.2), which grows with elections without a result. */
  restartElectionTimer(): void {
    const { timing: { electionMs }, random } = this.options;
    const growth = ELECTION_GROWTH ** Math.max(0, this.elections - 1);
    const factor = Math.min(MAX_ELECTION_FACTOR, growth);
    this.electionAtMs = this.now + factor * electionMs * (1 + random());
  }

  /** Whether a leader sent a message within an election timeout: votes would disrupt it (section 6). */
  get hasLeader(): boolean {
    return this.role === "leader" ||
      this.now - this.contactMs < this.options.timing.electionMs;
  }

  /** Commits all entries up to an index, and applies them. */
  commitUpTo(index: number): void {
    if (index <= this.commit) return;
    invariant(index <= this.log.lastIndex, "a committed entry is in the log");
    this.commit = index;
    while (this.applied < index) {
      const entry = this.log.entryAt(++this.applied);
      invariant(entry !== undefined, "a committed entry is not compacted before it is applied");
      this.emit({ type: "apply", index: this.applied, entry });
    }
  }

  /** Takes over a leader's snapshot, which the log has. */
  restore(snapshot: Snapshot): void {
    invariant(snapshot.index > this.applied, "a snapshot replaces an older state only");
    this.commit = this.applied = snapshot.index;
    this.durable = 0;
    for (const effect of this.#pending) effect.end = 0;
    this.emit({ type: "restore", snapshot });
    this.persistSnapshot(snapshot);
  }

  /** Replaces the entries up to an applied one by the state machine's state (section 7). */
  compact(index: number, data: Json): void {
    if (index <= this.log.snapshotIndex) return;
    invariant(index <= this.applied, "only applied entries are compacted");
    const term = this.log.termAt(index) as number;
    const snapshot = { index, term, members: this.log.membersAt(index), data };
    this.log.compact(snapshot);
    this.persistSnapshot(snapshot);
  }

  #notePersisted(): void {
    this.#pending.push({ number: ++this.persisted, end: this.log.lastIndex });
  }
}
