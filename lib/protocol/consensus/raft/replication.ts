/**
 * Replication of a leader's log to the other members (section 5.3).
 *
 * Messages are pipelined: the leader sends the next entries before the last are acknowledged. Each
 * message has the number of its round, so that its reply proves that the leader was still followed
 * after the round began, and measures a round trip. A member that does not reply in time is probed
 * with empty messages.
 *
 * @module
 */

import { invariant, RoundTripEstimator } from "../../../base/mod.ts";
import type { Core } from "./core.ts";
import { Progress } from "./progress.ts";
import { SnapshotSender } from "./snapshot_chunks.ts";
import type { Appended, ChunkReceived, Rejected } from "./types.ts";

/** The number of rounds whose start is known. */
const MAX_KNOWN_ROUNDS = 256;
/** The round trips that the estimate takes into account. */
const ROUND_TRIPS = 16;
/** A member is unreachable that has not replied for this time; the longer of the two. */
const SILENT_ELECTION_TIMEOUTS = 2;
const SILENT_ROUND_TRIPS = 4;
/** After how many of the longest recent round trips a message counts as lost, and at least. */
const TIMEOUT_ROUND_TRIPS = 1.5;
const MIN_TIMEOUT_MS = 20;

/** The replication of a leader in one term. */
export class Replication {
  readonly #core: Core;
  readonly #progress = new Map<string, Progress>();
  readonly #roundTrips: RoundTripEstimator;
  #round = 0;
  /** A node that is not a member yet, see `catch_up.ts`. */
  #learner: string | undefined;
  /** When each of the last rounds began. */
  readonly #startedMs = new Map<number, number>();

  /** `roundTripMs` is the first estimate of a round trip. */
  constructor(core: Core, roundTripMs: number) {
    this.#core = core;
    this.#roundTrips = new RoundTripEstimator({ window: ROUND_TRIPS, initialMs: roundTripMs });
    this.syncMembers();
  }

  /** The number of the last round. */
  get round(): number {
    return this.#round;
  }

  /** The last round that a majority of the members acknowledged. */
  get confirmedRound(): number {
    return this.#majority((progress) => progress.ackedRound, this.#round);
  }

  /** The highest index up to which a majority of the members have the leader's log, durably. */
  get majorityMatch(): number {
    return this.#majority((progress) => progress.match, this.#core.durable);
  }

  /** When no majority of the members counts as reachable any more, unless they reply. */
  get quorumDeadlineMs(): number {
    return this.#majority((progress) => progress.repliedMs, Infinity) + this.#maxSilenceMs;
  }

  /** When a member or the learner counts as unreachable, unless it replies. */
  silentAtMs(peer: string): number {
    return (this.#progress.get(peer)?.repliedMs ?? -Infinity) + this.#maxSilenceMs;
  }

  get #maxSilenceMs(): number {
    const { electionMs } = this.#core.options.timing;
    return Math.max(SILENT_ELECTION_TIMEOUTS * electionMs, SILENT_ROUND_TRIPS * this.roundTripMs);
  }

  /** The longest recent round trip in milliseconds. */
  get roundTripMs(): number {
    return this.#roundTrips.quantile(1) as number;
  }

  /** After how many milliseconds without a reply a message counts as lost. */
  get timeoutMs(): number {
    return Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * this.roundTripMs);
  }

  /** When the next heartbeat is due. */
  get heartbeatAtMs(): number {
    const { heartbeatMs } = this.#core.options.timing;
    let deadline = Infinity;
    for (const { sentMs } of this.#progress.values()) {
      deadline = Math.min(deadline, sentMs + heartbeatMs);
    }
    return deadline;
  }

  /** When a round began; undefined if that was long ago. */
  startOf(round: number): number | undefined {
    return this.#startedMs.get(round);
  }

  /** The index up to which a member or the learner has the leader's log, durably. */
  matchOf(peer: string): number {
    return this.#progress.get(peer)?.match ?? 0;
  }

  /** Whether all members that reply have the entries up to an index. */
  isReplicated(index: number): boolean {
    return [...this.#progress.values()].every((progress) =>
      progress.match >= index || !this.#isResponsive(progress)
    );
  }

  /** Replicates to a node besides the members, instead of an earlier one; undefined for none. */
  setLearner(learner: string | undefined): void {
    this.#learner = learner;
    this.syncMembers();
  }

  /** Follows the latest configuration. */
  syncMembers(): void {
    const { peers: members, log, now } = this.#core;
    const peers = this.#learner === undefined ? members : [...members, this.#learner];
    for (const peer of this.#progress.keys()) {
      if (!peers.includes(peer)) this.#progress.delete(peer);
    }
    for (const peer of peers) {
      if (!this.#progress.has(peer)) this.#progress.set(peer, new Progress(log.lastIndex + 1, now));
    }
  }

  /**
   * Starts a round with a bare majority: the members that have waited longest for a message. The
   * others receive the entries with their next heartbeat. That takes fewer messages, and is safe,
   * because Raft lets a leader choose when to send to a follower. If too few members reply in time,
   * the round goes to all.
   */
  startRound(): void {
    const { peers, log, isMember } = this.#core;
    const needed = (log.members.length >> 1) + (isMember ? 0 : 1);
    const ready = peers.flatMap((peer) => {
      const progress = this.#progress.get(peer) as Progress;
      const isReady = this.#isResponsive(progress) && progress.next > log.snapshotIndex;
      return isReady ? [{ peer, sentMs: progress.sentMs }] : [];
    });
    const byWaiting = ready.sort((a, b) => a.sentMs - b.sentMs).map(({ peer }) => peer);
    this.startRoundWith(ready.length < needed ? peers : byWaiting.slice(0, needed));
  }

  /** Starts a round with these members. */
  startRoundWith(peers: readonly string[]): void {
    this.#startedMs.set(++this.#round, this.#core.now);
    this.#startedMs.delete(this.#round - MAX_KNOWN_ROUNDS);
    for (const peer of peers) this.#send(peer);
  }

  /** Sends to each member that has received nothing for the time of a heartbeat. */
  sendHeartbeats(): void {
    const { now, options: { timing } } = this.#core;
    for (const [peer, { sentMs }] of this.#progress) {
      if (sentMs + timing.heartbeatMs <= now) this.startRoundWith([peer]);
    }
  }

  /** A member's log equals the leader's up to an index. */
  onAppended(peer: string, { match, round }: Appended): void {
    const progress = this.#progress.get(peer);
    if (progress === undefined) return;
    const wasProbed = progress.isProbed;
    this.#noteReply(peer, progress, round);
    const { lastIndex } = this.#core.log;
    invariant(match <= lastIndex, "no member has acknowledged entries that its leader lacks");
    progress.match = Math.max(progress.match, match);
    progress.next = Math.max(progress.next, match + 1);
    if (progress.transfer !== undefined && match >= progress.transfer.index) {
      progress.transfer = undefined;
    }
    // A member that replies again, or lacks more than a message holds, does not wait for a round.
    const { maxEntries } = this.#core.options.timing;
    const isFarBehind = progress.transfer === undefined && progress.match + maxEntries <= lastIndex;
    if (progress.next <= lastIndex && (wasProbed || isFarBehind)) this.startRoundWith([peer]);
  }

  /** A member has a part of a snapshot. */
  onChunkReceived(peer: string, { last_index, offset, round }: ChunkReceived): void {
    const progress = this.#progress.get(peer);
    if (progress === undefined) return;
    this.#noteReply(peer, progress, round);
    const isNextDue = progress.transfer?.acknowledge(last_index, offset, round) === true;
    if (isNextDue) this.startRoundWith([peer]);
  }

  /** A member's log differs at `prev_index`: goes back by a whole term (section 5.3). */
  onRejected(peer: string, message: Rejected): void {
    const progress = this.#progress.get(peer);
    if (progress === undefined) return;
    const { prev_index, conflict_index, conflict_term, round } = message;
    this.#noteReply(peer, progress, round);
    // The messages after a rejected one are rejected as well, and stale rejections arrive late.
    if (prev_index <= progress.match || round < progress.rewindRound) return;
    const own = conflict_term === undefined ? undefined : this.#core.log.lastOfTerm(conflict_term);
    const next = own !== undefined && own < prev_index ? own + 1 : conflict_index;
    progress.next = Math.max(progress.match + 1, Math.min(next, prev_index));
    progress.rewindRound = this.#round + 1;
    this.startRoundWith([peer]);
  }

  /** Sends the entries that a member lacks and that are not in flight. */
  #send(peer: string): void {
    const core = this.#core;
    const { log, now, term, commit } = core;
    invariant(core.role === "leader", "only a leader sends entries");
    const progress = this.#progress.get(peer) as Progress;
    // With empty messages, so that the bytes do not grow with the length of an absence.
    if (!this.#isResponsive(progress)) progress.probe();
    progress.noteSent(now);
    const { next, isProbed } = progress;
    const fields = { type: "append_entries", term, commit, round: this.#round } as const;
    if (next > log.snapshotIndex) {
      progress.transfer = undefined;
      const entries = isProbed ? [] : log.slice(next, core.options.timing.maxEntries);
      progress.next += entries.length;
      const prev_term = log.termAt(next - 1) as number;
      core.send(peer, { ...fields, prev_index: next - 1, prev_term, entries });
    } else if (isProbed || progress.transfer?.isDue(now, this.timeoutMs) === false) {
      // The empty prefix equals that of any log.
      core.send(peer, { ...fields, prev_index: 0, prev_term: 0, entries: [] });
    } else this.#sendChunk(peer, progress);
  }

  /** Sends the next chunk of a snapshot: of the one before, if the leader has a newer one since. */
  #sendChunk(peer: string, progress: Progress): void {
    const { log: { snapshot }, now, term, options: { timing } } = this.#core;
    invariant(snapshot !== undefined, "compacted entries are in a snapshot");
    const transfer = progress.transfer ??= new SnapshotSender(snapshot);
    const chunk = transfer.next(this.#round, now, timing.maxChunkBytes);
    this.#core.send(peer, { type: "install_snapshot", term, ...chunk });
  }

  #noteReply(peer: string, progress: Progress, round: number): void {
    const { now } = this.#core;
    const startMs = this.#startedMs.get(round);
    // The leader does not wait longer for its members because a learner is slow.
    if (startMs !== undefined && peer !== this.#learner) this.#roundTrips.add(now - startMs);
    progress.noteReply(round, now);
  }

  #isResponsive(progress: Progress): boolean {
    return progress.isResponsive(this.#core.now, this.timeoutMs);
  }

  #majority(valueOf: (progress: Progress) => number, own: number): number {
    const { id } = this.#core;
    return this.#core.majorityValue((member) => {
      if (member === id) return own;
      const progress = this.#progress.get(member);
      return progress === undefined ? 0 : valueOf(progress);
    });
  }
}
