/**
 * A leader in one term: proposals, commitment, reads, and the end of the term (section 5.3 to 8).
 *
 * What arrives within `lingerMs` of a round shares the next one. A round that is not acknowledged in
 * time is repeated to all members.
 *
 * @module
 */

import { invariant, type Json } from "../../../base/mod.ts";
import { CatchUp } from "./catch_up.ts";
import type { Core } from "./core.ts";
import { Reads } from "./reads.ts";
import { Replication } from "./replication.ts";
import type { Appended, ChunkReceived, Entry, Rejected } from "./types.ts";

/** The leader of a term. */
export class Leader {
  readonly reads: Reads;
  readonly #core: Core;
  readonly #replication: Replication;
  /** The last round that a majority acknowledged. */
  #confirmedRound = 0;
  /** When the last round for proposals or reads began. */
  #roundMs = -Infinity;
  /** Whether proposals or reads wait for the next round. */
  #isDirty = false;
  /** Since when nothing was committed or confirmed though something waits; undefined if not. */
  #stalledSinceMs: number | undefined;
  /** How often the round was repeated since. */
  #repetitions = 0;
  #catchUp: CatchUp | undefined;
  #transfer: { readonly to: string; readonly untilMs: number; isSent: boolean } | undefined;

  /**
   * Begins the term with a no-op, which commits all that is before it (section 8). `roundTripMs` is
   * how long the votes took.
   */
  constructor(core: Core, roundTripMs: number) {
    this.#core = core;
    this.reads = new Reads(core, core.log.lastIndex + 1);
    this.#replication = new Replication(core, roundTripMs);
    this.#append([{ term: core.term }]);
    this.#startRound(true);
  }

  /** Whether proposals are accepted: not while the leadership is handed over. */
  get acceptsProposals(): boolean {
    return this.#transfer === undefined;
  }

  /** Whether all members that reply have the entries up to an index. */
  isReplicated(index: number): boolean {
    return this.#replication.isReplicated(index);
  }

  /** Appends commands, one entry each. */
  propose(commands: readonly Json[]): void {
    invariant(this.acceptsProposals, "a leader that hands over accepts no proposals");
    this.#append(commands.map((command) => ({ term: this.#core.term, command })));
    this.#flush();
  }

  /** Adds a read. */
  read(id: number): void {
    if (!this.reads.add(id, this.#replication.round + 1)) return;
    this.#isDirty = true;
    this.#flush();
  }

  /** Appends a configuration, which takes effect immediately (section 6; thesis 4.1). */
  change(members: readonly string[], command?: Json): void {
    const { term } = this.#core;
    this.#append([{ term, members, ...(command === undefined ? {} : { command }) }]);
    if (this.#catchUp !== undefined && members.includes(this.#catchUp.learner)) {
      this.#catchUp = undefined;
      this.#replication.setLearner(undefined);
    } else this.#replication.syncMembers();
    this.#startRound(true);
  }

  /** Lets a node that is not a member catch up with the log; ends in a `learned` effect. */
  learn(learner: string): void {
    if (this.#catchUp?.learner === learner) return;
    this.#catchUp = new CatchUp(this.#core, this.#replication, learner);
    this.#continueCatchUp();
  }

  /** Whether a node that is not a member has caught up, so that it may be added. */
  hasCaughtUp(learner: string): boolean {
    return this.#catchUp?.learner === learner && this.#catchUp.isDone;
  }

  /** Hands the leadership to a member as soon as its log is complete (thesis 3.10). */
  transfer(to: string): void {
    const { now, options: { timing }, peers } = this.#core;
    if (!peers.includes(to)) return;
    this.#transfer = { to, untilMs: now + timing.electionMs, isSent: false };
    this.reads.giveUpLease();
    this.#replication.startRoundWith([to]);
    this.#continueTransfer();
  }

  /** Sends what is due. Returns false when no majority replies, so that the leader steps down. */
  tick(): boolean {
    const core = this.#core;
    if (this.#replication.quorumDeadlineMs <= core.now) return false;
    this.#continueCatchUp();
    if ((this.#transfer?.untilMs ?? Infinity) <= core.now) this.#transfer = undefined;
    this.#flush();
    if (this.#stallDeadlineMs <= core.now) {
      core.sometimes("a round was repeated to all members");
      this.#stalledSinceMs = core.now;
      this.#repetitions++;
      this.#startRound(true);
    }
    this.#replication.sendHeartbeats();
    return true;
  }

  /** When the next tick is due. */
  get deadlineMs(): number {
    return Math.min(
      this.#replication.quorumDeadlineMs,
      this.#stallDeadlineMs,
      this.#replication.heartbeatAtMs,
      this.#transfer?.untilMs ?? Infinity,
      this.#isDirty ? this.#roundMs + this.#core.options.timing.lingerMs : Infinity,
    );
  }

  onAppended(peer: string, message: Appended): void {
    this.#replication.onAppended(peer, message);
    this.advance();
    this.#continueTransfer();
    this.#continueCatchUp();
  }

  onChunkReceived(peer: string, message: ChunkReceived): void {
    this.#replication.onChunkReceived(peer, message);
    this.advance();
  }

  onRejected(peer: string, message: Rejected): void {
    this.#replication.onRejected(peer, message);
    this.advance();
  }

  /** Commits what a majority has, and confirms the rounds that a majority acknowledged. */
  advance(): void {
    const core = this.#core;
    const { commit } = core;
    const { majorityMatch } = this.#replication;
    // Only entries of the own term are committed by counting; they commit those before them
    // (section 5.4.2, figure 8).
    if (majorityMatch > commit && core.log.termAt(majorityMatch) === core.term) {
      core.commitUpTo(majorityMatch);
    }
    const isConfirmed = this.#confirm();
    const isWaiting = core.commit < core.log.lastIndex || this.reads.isWaiting;
    const isProgress = core.commit > commit || isConfirmed;
    if (!isWaiting || isProgress) this.#repetitions = 0;
    if (!isWaiting) this.#stalledSinceMs = undefined;
    else if (isProgress) this.#stalledSinceMs = core.now;
  }

  /** Answers the reads of the rounds that a majority acknowledged; returns whether there are any. */
  #confirm(): boolean {
    const { confirmedRound } = this.#replication;
    const isHigher = confirmedRound > this.#confirmedRound;
    this.#confirmedRound = Math.max(this.#confirmedRound, confirmedRound);
    this.reads.confirm(this.#confirmedRound, this.#replication.startOf(this.#confirmedRound));
    return isHigher;
  }

  #append(entries: readonly Entry[]): void {
    const { log } = this.#core;
    const from = log.lastIndex + 1;
    log.append(entries);
    this.#core.persistFrom(from);
    this.#isDirty = true;
  }

  /** Starts a round if something waits for one, unless the last one is too recent. */
  #flush(): void {
    const { now, options: { timing } } = this.#core;
    if (this.#isDirty && this.#roundMs + timing.lingerMs <= now) this.#startRound(false);
  }

  #startRound(isForAll: boolean): void {
    this.#isDirty = false;
    this.#roundMs = this.#core.now;
    this.#stalledSinceMs ??= this.#core.now;
    if (isForAll) this.#replication.startRoundWith(this.#core.peers);
    else this.#replication.startRound();
    // A leader without other members is a majority.
    this.#confirm();
  }

  /** Requests an election from the target of a transfer when its log is complete. */
  #continueTransfer(): void {
    const transfer = this.#transfer;
    if (transfer === undefined || transfer.isSent) return;
    if (this.#replication.matchOf(transfer.to) < this.#core.log.lastIndex) return;
    transfer.isSent = true;
    this.#core.send(transfer.to, { type: "timeout_now", term: this.#core.term });
  }

  #continueCatchUp(): void {
    if (this.#catchUp?.advance() !== true) return;
    const { learner, problem } = this.#catchUp;
    if (problem !== undefined) {
      this.#core.sometimes("a new member did not catch up");
      this.#catchUp = undefined;
      this.#replication.setLearner(undefined);
    }
    this.#core.emit({ type: "learned", learner, ...(problem === undefined ? {} : { problem }) });
  }

  /** When to repeat a round: with back-off, but at least as often as heartbeats. */
  get #stallDeadlineMs(): number {
    if (this.#stalledSinceMs === undefined) return Infinity;
    const { timeoutMs } = this.#replication;
    const maxMs = Math.max(timeoutMs, this.#core.options.timing.heartbeatMs);
    return this.#stalledSinceMs + Math.min(maxMs, timeoutMs * 2 ** this.#repetitions);
  }
}
