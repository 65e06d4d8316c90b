/**
 * CASPaxos: a linearizable register without a leader and without a log (Rystsov, "CASPaxos:
 * Replicated State Machines without logs", 2018, arXiv:1802.07000). This file is the protocol: a
 * pure acceptor and a pure proposer of one register. `registers.ts` runs them on a node.
 *
 * **Idea.** Every node is an *acceptor*, which stores the register's state, and a *proposer*, which
 * changes it for its clients. A change is a function from the current value to the next one. The
 * proposer reads the state from a quorum (more than half of the acceptors), applies the function, and
 * stores the result at a quorum. Any two quorums share an acceptor, so each change sees the last one.
 *
 * **Messages** (section 2.2, whose steps 2 to 6 the code names). A *ballot* numbers a round.
 *
 * | Message | From proposer or acceptor | Meaning |
 * |---|---|---|
 * | `prepare` ballot | proposer | Ignore lower ballots from now on. What did you accept last? |
 * | `promise` accepted, state | acceptor | The state with the highest ballot that it accepted |
 * | `accept` ballot, state, next | proposer | Store this state, and promise the ballot `next` |
 * | `accepted` | acceptor | The state is durable |
 * | `conflict` ballot, accepted, state | acceptor | It has promised this higher ballot; its state |
 *
 * **Why it is linearizable** (appendix A). A state is *chosen* when a quorum has accepted it with one
 * ballot. Suppose ballot b chose a state, and a higher ballot c proposes. The quorum of c's promises
 * shares an acceptor with b's quorum. That acceptor accepted b first, because after its promise to c
 * it would have refused b. So c derives its state from that of b, or by induction from a state that
 * was derived from it. All chosen states therefore form one chain, in the order of their ballots. An
 * operation takes effect when its state is chosen, between request and reply.
 *
 * **Reads.** If a quorum of replies to a request shows one accepted ballot, its state is chosen. It is
 * also recent: a state that was chosen before the request is at an acceptor of the quorum, which shows
 * its ballot or a higher one. A change that keeps the value of that state is done, even if its round is
 * lost. It must have been pending when the request was sent, and must not be stored anywhere. Rounds of
 * reads have the counter 0, below all promises: they get conflicts, and interrupt no rival.
 *
 * **Rivals.** The higher ballot interrupts the lower. So a proposer raises its counter by the number of
 * its lost rounds. Of rivals that begin together, the one with most lost rounds wins. A proposer gives
 * way before its accept if its own acceptor has promised a higher ballot.
 *
 * **One round trip** (section 2.2.1). `accept` also carries the proposer's next ballot, which an acceptor
 * promises as it accepts. If no rival came between, the next change skips the first phase.
 *
 * **Outcomes.** An accept that failed at one acceptor may be stored at another, and a rival may
 * complete it later. Running the change again could then apply it twice. So a state also holds the
 * ballot of the last change of each node. A proposer that finds a ballot of its own there knows that
 * this change was applied, with the results that it computed then. Two attempts of one change are
 * never both applied: the second is derived from a state without the first, and once the second is
 * chosen, the chain never contains the first.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Infer, type Json, schema } from "../../node/mod.ts";
import { type Ballot, ballotSchema, compareBallots } from "./ballot.ts";

/** A register's state. */
export const stateSchema = schema.object({
  /** The value in an array, which is empty before the first write. */
  value: schema.array(schema.json),
  /** The ballot of the last change that each node made. */
  last: schema.record(ballotSchema),
});
/** A register's state. */
export type State = Infer<typeof stateSchema>;

/** A request of a proposer to all acceptors. */
export type Request =
  | Readonly<{ type: "prepare"; ballot: Ballot }>
  | Readonly<{ type: "accept"; ballot: Ballot; state: State; next: Ballot }>;
/** An acceptor's reply. */
export type Reply =
  | Readonly<{ type: "promise"; accepted: Ballot; state: State }>
  | Readonly<{ type: "accepted" }>
  | Readonly<{ type: "conflict"; ballot: Ballot; accepted: Ballot; state: State }>;

/** What an acceptor must not forget: its promise, the last ballot that it accepted, and its state. */
export type Promised = Readonly<{ promised: Ballot; accepted: Ballot; state: State }>;

/** The first record of an acceptor. Its promise is above the ballots of reads, and below all others. */
export const EMPTY: Promised = {
  promised: [1, "", ""],
  accepted: [0, "", ""],
  state: { value: [], last: {} },
};

/** Returns an acceptor's reply, and its new record. All that the reply shows must be durable first. */
export function acceptorStep(
  before: Promised = EMPTY,
  request: Request,
): { readonly reply: Reply; readonly after?: Promised } {
  const { promised, accepted, state } = before;
  const { ballot } = request;
  const conflict: Reply = { type: "conflict", ballot: promised, accepted, state };
  const isLower = compareBallots(ballot, promised) < 0;
  if (request.type === "prepare") {
    // Step 3. A retransmitted prepare gets its promise again.
    if (isLower) return { reply: conflict };
    const after = { promised: ballot, accepted, state };
    return { reply: { type: "promise", accepted, state }, after };
  }
  // Step 5. After `accept` the promise is one to a later ballot, so a retransmission looks outdated.
  if (compareBallots(ballot, accepted) === 0) return { reply: { type: "accepted" }, after: before };
  if (isLower) return { reply: conflict };
  invariant(compareBallots(accepted, ballot) < 0, "an acceptor accepts ballots in ascending order");
  const after = { promised: request.next, accepted: ballot, state: request.state };
  return { reply: { type: "accepted" }, after };
}

/** A change of a register. */
export interface Change {
  /** Returns the next value and the change's result, given the current value; undefined for none. */
  run(value: Json | undefined): readonly [next: Json | undefined, result: unknown];
  /** Whether it keeps every value. */
  readonly isRead: boolean;
  /** Set when an acceptor may store a value that this change made. */
  mayHaveHappened: boolean;
  /** Receives the result when the change is applied. */
  resolve(result: unknown): void;
}

/** The effect of a reply: the next request, or the end of the round. */
export type Outcome = Request | "done" | "lost";

/** What a proposer needs from its node. */
export interface ProposerSettings {
  /** The ids of all acceptors. */
  readonly acceptors: readonly string[];
  /** This node's id, and the name of its incarnation. */
  readonly id: string;
  readonly incarnation: string;
  /** Returns the highest ballot that this node's acceptor has promised. */
  promised(): Ballot;
  /** Marks a rare path. */
  sometimes(text: string): void;
}

/** Changes one register. It runs one round at a time, which takes all pending changes. */
export class Proposer {
  /** The changes that wait for their results. */
  readonly pending: Set<Change> = new Set();
  readonly #settings: ProposerSettings;
  readonly #quorum: number;
  #counter = 0;
  /** The number of rounds lost since the last change. */
  #lost = 0;
  /** The request of the current round; replies to any other one are late. */
  #request: Request | undefined;
  readonly #replies = new Map<string, Reply>();
  /** The changes that were pending when the request was sent. */
  #asked: readonly Change[] = [];
  /** The results that each attempt has if it turns out to be applied, by ballot. */
  readonly #attempts = new Map<string, ReadonlyMap<Change, unknown>>();
  /** The ballot that a quorum promised with its last `accepted`, and the state that it accepted. */
  #lead: { readonly ballot: Ballot; readonly state: State } | undefined;

  constructor(settings: ProposerSettings) {
    this.#settings = settings;
    this.#quorum = Math.floor(settings.acceptors.length / 2) + 1;
  }

  /** The acceptors to send the request to again; none if the replies show that the round is lost. */
  get unanswered(): string[] {
    if (this.#count("conflict") >= (this.#request?.ballot[0] === 0 ? this.#quorum : 1)) return [];
    return this.#settings.acceptors.filter((id) => !this.#replies.has(id));
  }

  /** Whether the next round only reads. If that fails, both phases follow. */
  get isReading(): boolean {
    return this.#lost === 0 && [...this.pending].every(({ isRead }) => isRead);
  }

  /** Step 2: starts a round; returns the request to all acceptors. */
  begin(): Request {
    const { id, incarnation, promised, sometimes } = this.#settings;
    if (this.isReading) return this.#ask({ type: "prepare", ballot: [0, id, incarnation] });
    const lead = this.#lead;
    this.#lead = undefined;
    if (lead !== undefined && compareBallots(lead.ballot, promised()) >= 0) {
      sometimes("caspaxos: a change took one round trip");
      return this.#propose(lead.ballot, lead.state);
    }
    this.#counter = Math.max(this.#counter, promised()[0]) + this.#lost;
    return this.#ask({ type: "prepare", ballot: this.#nextBallot() });
  }

  /** Handles an acceptor's reply to a request. */
  receive(acceptor: string, request: Request, reply: Reply): Outcome | undefined {
    if (request !== this.#request) return undefined;
    this.#replies.set(acceptor, reply);
    if (reply.type !== "accepted") this.#read(reply);
    const isRead = request.ballot[0] === 0;
    if (isRead && !this.#asked.some((change) => this.pending.has(change))) return this.#end();
    if (reply.type === "conflict") {
      this.#counter = Math.max(this.#counter, reply.ballot[0]);
      const maxConflicts = this.#settings.acceptors.length - (isRead ? 1 : this.#quorum);
      return this.#count("conflict") > maxConflicts ? this.abandon() : undefined;
    }
    if (this.#count(reply.type) < this.#quorum) return undefined;
    return request.type === "prepare" ? this.#adopt(request.ballot) : this.#chosen(request);
  }

  /** Ends the current round: a rival has prevented it, or may have. */
  abandon(): "lost" {
    if (this.#request?.type === "accept") {
      this.#settings.sometimes("caspaxos: a rival interrupted an accept, whose outcome is unknown");
    }
    this.#request = undefined;
    this.#lost++;
    return "lost";
  }

  #end(): "done" {
    this.#request = undefined;
    return "done";
  }

  #count(type: Reply["type"]): number {
    return [...this.#replies.values()].filter((reply) => reply.type === type).length;
  }

  /** Resolves the changes that keep the value, if a quorum of replies shows the ballot of this one. */
  #read({ accepted, state }: Pick<Promised, "accepted" | "state">): void {
    const same = [...this.#replies.values()].filter((reply) =>
      reply.type !== "accepted" && compareBallots(reply.accepted, accepted) === 0
    );
    if (same.length < this.#quorum) return;
    const [value] = state.value;
    for (const change of this.#asked) {
      if (change.mayHaveHappened || !this.pending.has(change)) continue;
      const [next, result] = change.run(value);
      if (next !== value) continue;
      this.#settings.sometimes("caspaxos: a change that keeps the value stored nothing");
      this.pending.delete(change);
      change.resolve(result);
    }
  }

  /** Step 4: takes the state with the highest ballot of a quorum. */
  #adopt(ballot: Ballot): Outcome {
    if (compareBallots(this.#settings.promised(), ballot) > 0) return this.abandon();
    let newest: Extract<Reply, { type: "promise" }> | undefined;
    for (const reply of this.#replies.values()) {
      if (reply.type !== "promise") continue;
      const order = compareBallots(reply.accepted, newest?.accepted ?? reply.accepted);
      if (order !== 0) this.#settings.sometimes("caspaxos: acceptors promised different states");
      if (newest === undefined || order > 0) newest = reply;
    }
    invariant(newest !== undefined, "a quorum of promises has at least one");
    return this.#propose(ballot, newest.state);
  }

  /** Step 4: runs the pending changes on a state; returns the request to store the result. */
  #propose(ballot: Ballot, state: State): Request {
    const { id, sometimes } = this.#settings;
    const earlier = this.#attempts.get(String(state.last[id]));
    if (earlier !== undefined) sometimes("caspaxos: an interrupted accept was applied after all");
    const results = new Map(earlier);
    let [value] = state.value;
    for (const change of this.pending) {
      if (results.has(change)) continue;
      const [next, result] = change.run(value);
      change.mayHaveHappened ||= next !== value;
      results.set(change, result);
      value = next;
    }
    this.#attempts.set(String(ballot), results);
    const last = { ...state.last, [id]: ballot };
    const after = { value: value === undefined ? [] : [value], last };
    return this.#ask({ type: "accept", ballot, state: after, next: this.#nextBallot() });
  }

  /** Step 6: a quorum has accepted the state, so all changes in it are applied. */
  #chosen({ ballot, state, next }: Extract<Request, { type: "accept" }>): Outcome {
    const results = this.#attempts.get(String(ballot));
    invariant(results !== undefined, "an accept has the results of its changes");
    this.#lead = { ballot: next, state };
    this.#lost = 0;
    for (const [change, result] of results) {
      this.pending.delete(change);
      change.resolve(result);
    }
    // No earlier attempt that this state does not contain can be applied any more.
    this.#attempts.clear();
    return this.#end();
  }

  #ask<R extends Request>(request: R): R {
    this.#request = request;
    this.#replies.clear();
    this.#asked = [...this.pending];
    return request;
  }

  #nextBallot(): Ballot {
    const { id, incarnation } = this.#settings;
    return [++this.#counter, id, incarnation];
  }
}
