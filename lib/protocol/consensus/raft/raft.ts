/**
 * A member of a Raft cluster as a pure state machine: events in, effects out.
 *
 * It has no clock, no network, no disk and no source of randomness of its own. `types.ts` defines the
 * events, the effects, and what the driver must do with the effects. The parts, each on its
 * page: {@link Election}, {@link Leader} with {@link Reads} and {@link CatchUp}, the follower's side in
 * `follower.ts`, snapshots in `snapshot_chunks.ts`, and {@link Log}.
 *
 * **Why it is right.** The five properties of figure 3. *Election safety*: a member votes once in a
 * term, durably, and a leader has the votes of a majority. *Leader append-only*: only a follower
 * truncates its log. *Log matching*: a follower appends entries only after one that equals the
 * leader's. *Leader completeness*: votes go to candidates whose log is at least as up to date, and
 * leaders count only entries of their own term. *State machine safety* follows. The code asserts
 * what one member can know of them; `tests/protocol/consensus/raft` checks all members after every
 * event.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import { Core } from "./core.ts";
import { Election } from "./election.ts";
import { onAppendEntries, onInstallSnapshot } from "./follower.ts";
import { Leader } from "./leader.ts";
import type { Effect, RaftEvent, RaftMessage, RaftOptions, Role } from "./types.ts";

/** A member. */
export class Raft {
  readonly #core: Core;
  readonly #election: Election;
  #leadership: Leader | undefined;

  /** Creates a member from what its storage has. It begins with the event `started`. */
  constructor(options: RaftOptions) {
    this.#core = new Core(options);
    this.#election = new Election(this.#core);
  }

  get id(): string {
    return this.#core.id;
  }

  get role(): Role {
    return this.#core.role;
  }

  get term(): number {
    return this.#core.term;
  }

  /** The candidate that has this member's vote in the term. */
  get vote(): string | null {
    return this.#core.vote;
  }

  /** The leader of the term, if it is known. */
  get leader(): string | undefined {
    return this.#core.leader;
  }

  /** The highest index that is known to be committed. */
  get commit(): number {
    return this.#core.commit;
  }

  /** The members by the latest configuration in the log. */
  get members(): readonly string[] {
    return this.#core.log.members;
  }

  /** The log, for tests and reports. */
  get log(): Core["log"] {
    return this.#core.log;
  }

  /** Whether `propose` is allowed: only a leader that does not hand over accepts commands. */
  get acceptsProposals(): boolean {
    return this.#leadership?.acceptsProposals === true;
  }

  /**
   * Whether all members that reply have the entries up to an index. If a leader compacts them earlier,
   * a member that would soon have them needs the snapshot instead.
   */
  canCompact(index: number): boolean {
    return this.#leadership?.isReplicated(index) !== false;
  }

  /**
   * Returns why a configuration cannot be proposed now; undefined if it can. At most one member is added
   * or removed at a time, after the last change and the leader's no-op are committed (thesis 4.1;
   * Ongaro, "bug in single-server membership changes", raft-dev, July 2015). A member that is added has
   * caught up with the log before (thesis 4.2.1).
   */
  changeProblem(members: readonly string[]): string | undefined {
    const { log, commit, term } = this.#core;
    if (!this.acceptsProposals) return "this node is not the leader";
    if (log.termAt(commit) !== term) return "the leader has committed no entry of its term yet";
    if (log.membersIndex > commit) return "the last change is not committed yet";
    const added = members.filter((member) => !log.members.includes(member));
    const removed = log.members.filter((member) => !members.includes(member));
    if (added.length + removed.length > 1) {
      return `a change adds or removes at most one member, got ${added.length + removed.length}`;
    }
    const [learner] = added;
    if (learner !== undefined && this.#leadership?.hasCaughtUp(learner) !== true) {
      return `${learner} has not caught up with the log yet`;
    }
    return members.length === 0 ? "a cluster has at least one member" : undefined;
  }

  /** Processes an event at a time of a monotonic clock, in milliseconds. */
  handle(event: RaftEvent, now: number): Effect[] {
    const core = this.#core;
    core.now = now;
    const termBefore = core.term;
    const commitBefore = core.commit;
    this.#dispatch(event);
    this.#settleRole();
    invariant(core.term >= termBefore, "the term never decreases");
    invariant(core.commit >= commitBefore, "the commit index never decreases");
    const atMs = this.#leadership?.deadlineMs ?? core.electionAtMs;
    core.emit({ type: "timer", atMs });
    return core.takeEffects();
  }

  #dispatch(event: RaftEvent): void {
    const core = this.#core;
    switch (event.type) {
      case "started":
        // Before it restarted, the member may have acknowledged a leader, whose lease still runs.
        core.contactMs = core.now;
        return core.restartElectionTimer();
      case "tick":
        return this.#tick();
      case "received":
        return this.#receive(event.from, event.message);
      case "propose":
        return this.#leader("propose").propose(event.commands);
      case "read":
        if (this.#leadership === undefined) return core.emit({ ...event, ok: false });
        return this.#leadership.read(event.id);
      case "learn":
        if (core.log.members.includes(event.learner)) return;
        return this.#leadership?.learn(event.learner);
      case "change":
        if (this.changeProblem(event.members) !== undefined) return;
        return this.#leader("change").change(event.members, event.command);
      case "transfer":
        return this.#leadership?.transfer(event.to);
      case "durable":
        core.noteDurable(event.persisted);
        if (this.#election.noteDurable(event.persisted)) this.#lead();
        return this.#leadership?.advance();
      case "compact":
        return core.compact(event.index, event.data);
    }
  }

  #tick(): void {
    const core = this.#core;
    if (this.#leadership === undefined) {
      if (core.electionAtMs <= core.now) this.#election.timeOut();
    } else if (!this.#leadership.tick()) {
      core.sometimes("a leader stepped down without a majority");
      core.stepDown();
    }
  }

  #receive(from: string, message: RaftMessage): void {
    const core = this.#core;
    if (message.type === "request_vote") return this.#election.onRequest(from, message);
    // A newer term makes any member a follower (section 5.1). A granted pre-vote has a term that
    // has not begun.
    const isPreVote = message.type === "vote" && message.pre === true && message.granted;
    if (message.term > core.term && !isPreVote) {
      core.enterTerm(message.term, null);
      this.#settleRole();
    }
    switch (message.type) {
      case "vote":
        if (this.#election.onVote(from, message)) this.#lead();
        return;
      case "append_entries":
      case "install_snapshot":
        if (message.term < core.term) return this.#refuse(from);
        core.noteLeader(from);
        if (message.type === "append_entries") return onAppendEntries(core, from, message);
        return onInstallSnapshot(core, from, message);
      case "appended":
        if (message.term === core.term) this.#leadership?.onAppended(from, message);
        return;
      case "chunk_received":
        if (message.term === core.term) this.#leadership?.onChunkReceived(from, message);
        return;
      case "rejected":
        if (message.term === core.term) this.#leadership?.onRejected(from, message);
        return;
      case "timeout_now":
        if (message.term === core.term && core.isMember) this.#election.campaign(true);
    }
  }

  /**
   * Replies to a former leader, which steps down when it sees the term (section 5.1). It may lead that
   * term by then, so the reply names no round: it must not confirm one of the new term.
   */
  #refuse(leader: string): void {
    const reply = { prev_index: 0, conflict_index: 1, round: 0 };
    this.#core.send(leader, { type: "rejected", term: this.#core.term, ...reply }, "durable");
  }

  /** Begins to lead the term. */
  #lead(): void {
    const core = this.#core;
    invariant(core.role === "candidate" && core.vote === core.id, "only a candidate can win");
    core.sometimes("an election was won");
    core.role = "leader";
    core.leader = core.id;
    core.emit({ type: "changed" });
    this.#leadership = new Leader(core, this.#election.elapsedMs);
  }

  /** Ends the leadership when the role has changed, or when the leader has removed itself. */
  #settleRole(): void {
    const core = this.#core;
    if (core.role === "leader" && !core.isMember && core.commit >= core.log.membersIndex) {
      core.sometimes("a leader removed itself");
      core.stepDown();
    }
    if (core.role === "leader" || this.#leadership === undefined) return;
    core.sometimes("a leader stepped down");
    this.#leadership.reads.reject();
    this.#leadership = undefined;
    core.restartElectionTimer();
  }

  #leader(event: string): Leader {
    invariant(this.#leadership !== undefined, `${event} needs a leader; see acceptsProposals`);
    return this.#leadership;
  }
}
