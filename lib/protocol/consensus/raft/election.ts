/**
 * Leader election (section 5.2), with the pre-vote of thesis 9.6.
 *
 * A follower that receives nothing from a leader for an election timeout first requests pre-votes. It
 * begins a new term only if a majority grants them. So a member that was partitioned does not depose a
 * leader when it returns.
 *
 * @module
 */

import type { Core } from "./core.ts";
import type { RequestVote, Vote } from "./types.ts";

/** The part of a member that votes and starts elections. */
export class Election {
  readonly #core: Core;
  /** The members that granted this node's pre-votes or votes in the present election. */
  #granted = new Set<string>();
  /** The persist effect that makes the candidate's own vote durable. */
  #ownVote = Infinity;
  /** When the candidate requested votes. */
  #campaignMs = 0;
  /** The last contact with a leader after which this member deferred to a pre-candidate. */
  #deferredMs: number | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The time since the candidate requested votes, in milliseconds: about a round trip if it won. */
  get elapsedMs(): number {
    return this.#core.now - this.#campaignMs;
  }

  /** Requests pre-votes when the election timeout has passed, also after an election without a winner. */
  timeOut(): void {
    const core = this.#core;
    core.elections++;
    core.restartElectionTimer();
    core.leader = undefined;
    if (core.role === "candidate") core.sometimes("an election had no winner");
    // A member that removes itself may be needed to commit that (thesis 4.2.2). Then it is removed.
    const isRemoved = !core.isMember && core.log.membersIndex <= core.commit;
    core.role = isRemoved ? "follower" : "pre-candidate";
    core.emit({ type: "changed" });
    if (isRemoved) return;
    this.#granted = new Set([core.id]);
    if (core.isMajority(this.#granted)) return this.campaign(false);
    for (const peer of core.peers) core.send(peer, { ...this.#request(core.term + 1), pre: true });
  }

  /**
   * Begins a new term as a candidate (section 5.2). Its vote for itself is durable before it counts,
   * and before it requests the votes of others.
   */
  campaign(isTransfer: boolean): void {
    const core = this.#core;
    core.enterTerm(core.term + 1, core.id);
    core.role = "candidate";
    core.restartElectionTimer();
    this.#granted = new Set();
    this.#ownVote = core.persisted;
    this.#campaignMs = core.now;
    const request = this.#request(core.term);
    for (const peer of core.peers) {
      core.send(peer, isTransfer ? { ...request, transfer: true } : request, "durable");
    }
  }

  /** Counts the candidate's own vote when it is durable. Returns whether the candidate has won. */
  noteDurable(persisted: number): boolean {
    if (this.#core.role !== "candidate" || persisted < this.#ownVote) return false;
    this.#granted.add(this.#core.id);
    return this.#core.isMajority(this.#granted);
  }

  /** Replies to a request for a vote or a pre-vote. */
  onRequest(candidate: string, request: RequestVote): void {
    const core = this.#core;
    const { term, pre = false, transfer = false } = request;
    // A member that receives messages from a leader does not vote, so that a removed one cannot disrupt the
    // cluster (section 6, third issue). The leader itself requests a transfer.
    const isDisruption = core.hasLeader && !transfer;
    if (pre) {
      const granted = !isDisruption && term > core.term && this.#isUpToDate(request);
      // Members that time out soon after would split the votes, so they defer: once, since the
      // pre-candidate may not receive their replies.
      if (granted && this.#deferredMs !== core.contactMs) {
        this.#deferredMs = core.contactMs;
        core.restartElectionTimer();
      }
      const reply: Vote = { type: "vote", term: granted ? term : core.term, granted, pre };
      return core.send(candidate, reply, "durable");
    }
    if (isDisruption || term < core.term) return this.#reply(candidate, false);
    const isFree = term > core.term || core.vote === null || core.vote === candidate;
    const granted = isFree && this.#isUpToDate(request);
    if (isFree && !granted) core.sometimes("a candidate's log was not up to date");
    if (term > core.term) core.enterTerm(term, granted ? candidate : null);
    else if (granted && core.vote === null) core.enterTerm(term, candidate);
    if (granted) core.restartElectionTimer();
    this.#reply(candidate, granted);
  }

  /** Counts a vote. Returns whether the candidate has won the election. */
  onVote(voter: string, { term, granted, pre = false }: Vote): boolean {
    const core = this.#core;
    if (!granted) {
      if (term === core.term && core.role === "candidate") core.sometimes("a vote was denied");
      return false;
    }
    const awaited = pre ? "pre-candidate" : "candidate";
    if (core.role !== awaited || term !== core.term + (pre ? 1 : 0)) return false;
    this.#granted.add(voter);
    if (!core.isMajority(this.#granted)) return false;
    if (pre) this.campaign(false);
    return !pre;
  }

  #reply(candidate: string, granted: boolean): void {
    const { term } = this.#core;
    this.#core.send(candidate, { type: "vote", term, granted }, "durable");
  }

  /** The candidate's log is at least as up to date as this one (section 5.4.1). */
  #isUpToDate({ last_term, last_index }: RequestVote): boolean {
    const { lastTerm, lastIndex } = this.#core.log;
    return last_term > lastTerm || (last_term === lastTerm && last_index >= lastIndex);
  }

  #request(term: number): RequestVote {
    const { lastIndex: last_index, lastTerm: last_term } = this.#core.log;
    return { type: "request_vote", term, last_index, last_term };
  }
}
