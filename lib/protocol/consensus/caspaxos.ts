/**
 * CASPaxos: a linearizable register without a leader and without a log (Rystsov, "CASPaxos:
 * Replicated State Machines without logs", 2018, arXiv:1802.07000). This file is the protocol: a
 * pure acceptor and a pure proposer of one register. `registers.ts` runs them on a node.
 *
 * **Idea.** Every node is an *acceptor*, which stores the register's state, and a *proposer*, which
 * changes it for its clients. A change is a function from the current value to the next one. The
 * proposer reads the state from a quorum (more than half of the acceptors), applies the function, and
 * stores the result at a quorum. Any two quorums share an acceptor, so each change sees the last one.
 * A read is the change that keeps the value: it stores, too.
 *
 * **Messages** (section 2.2, whose steps 2 to 6 the code names). A *ballot* numbers a round.
 *
 * | Message | From proposer or acceptor | Meaning |
 * |---|---|---|
 * | `prepare` ballot | proposer | Ignore lower ballots from now on. What did you accept last? |
 * | `promise` accepted, state | acceptor | The state with the highest ballot that it accepted |
 * | `accept` ballot, state, next | proposer | Store this state, and promise the ballot `next` |
 * | `accepted` | acceptor | The state is durable |
 * | `conflict` ballot | acceptor | It has promised this higher ballot to another round |
 *
 * **Why it is linearizable** (appendix A). A state is *chosen* when a quorum has accepted it with one
 * ballot. Suppose ballot b chose a state, and a higher ballot c proposes. The quorum of c's promises
 * shares an acceptor with b's quorum. That acceptor accepted b first, because after its promise to c
 * it would have refused b. So c derives its state from that of b, or by induction from a state that
 * was derived from it. All chosen states therefore form one chain, in the order of their ballots. An
 * operation takes effect when its state is chosen, between request and reply.
 *
 * **A ballot is used once.** It names its proposer's incarnation, so that a node that restarts never
 * repeats a ballot. Two states with one ballot would break the chain.
 *
 * **One round trip** (section 2.2.1). `accept` also carries the proposer's next ballot. An acceptor
 * that accepts promises that ballot in the same step, as if it had received `prepare` right
 * afterwards. If no rival came between, the next change skips the first phase.
 *
 * **Outcomes.** An accept that failed at one acceptor may be stored at another, and a rival may
 * complete it later. Running the change again could then apply it twice. So a state also holds the
 * ballot of the last change of each node: a proposer that finds there a ballot of its own knows that
 * this change was applied, with the results that it computed then. Two attempts of one change are
 * never both applied: the second is derived from a state without the first, and once the second is
 * chosen, the chain never contains the first. A proposer forgets its attempts when it restarts; their
 * clients have no reply then, which is indefinite.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Infer, type Json, schema } from "../../node/mod.ts";

const { array, json, natural, record, string, tuple } = schema;

/** The number of a round: a counter, and the incarnation that proposes, which makes it unique. */
export const ballotSchema = tuple(natural, string, string);
/** A ballot: counter, node, incarnation. */
export type Ballot = Infer<typeof ballotSchema>;
/** A register's state. */
export const stateSchema = schema.object({
  /** The value in an array, which is empty before the first write. */
  value: array(json),
  /** The ballot of the last change that each node made. */
  last: record(ballotSchema),
});
/** A register's state. */
export type State = Infer<typeof stateSchema>;

/** A request of a proposer to all acceptors. */
export type Request =
  | { readonly type: "prepare"; readonly ballot: Ballot }
  | {
    readonly type: "accept";
    readonly ballot: Ballot;
    readonly state: State;
    readonly next: Ballot;
  };
/** An acceptor's reply. */
export type Reply =
  | { readonly type: "promise"; readonly accepted: Ballot; readonly state: State }
  | { readonly type: "accepted" }
  | { readonly type: "conflict"; readonly ballot: Ballot };

/** Below all ballots of proposers. */
const ZERO: Ballot = [0, "", ""];

/** Orders ballots: below 0 if `a` is lower than `b`, 0 for the same ballot. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[2] === b[2] ? 0 : a[2] < b[2] ? -1 : 1;
}

/** What an acceptor must not forget about a register. */
export interface Promised {
  /** The acceptor accepts no ballot below this one. */
  readonly promised: Ballot;
  /** The last ballot that it accepted, and that ballot's state. */
  readonly accepted: Ballot;
  readonly state: State;
}

const EMPTY: Promised = { promised: ZERO, accepted: ZERO, state: { value: [], last: {} } };

/** Returns an acceptor's reply, and its new record if that must be durable before the reply. */
export function acceptorStep(
  before: Promised = EMPTY,
  request: Request,
): { readonly reply: Reply; readonly after?: Promised } {
  const { promised, accepted, state } = before;
  const { ballot } = request;
  const order = compareBallots(ballot, promised);
  if (request.type === "prepare") {
    // Step 3. A retransmitted prepare gets its promise again.
    if (order < 0) return { reply: { type: "conflict", ballot: promised } };
    const reply: Reply = { type: "promise", accepted, state };
    return { reply, after: { promised: ballot, accepted, state } };
  }
  // Step 5. After `accept` the promise is one to a later ballot, so a retransmission looks outdated.
  if (compareBallots(ballot, accepted) === 0) return { reply: { type: "accepted" }, after: before };
  if (order < 0) return { reply: { type: "conflict", ballot: promised } };
  invariant(compareBallots(accepted, ballot) < 0, "an acceptor accepts ballots in ascending order");
  const after = { promised: request.next, accepted: ballot, state: request.state };
  return { reply: { type: "accepted" }, after };
}

/** A change of a register. */
export interface Change {
  /** Returns the next value and the change's result, given the current value; undefined for none. */
  run(value: Json | undefined): readonly [next: Json | undefined, result: unknown];
  /** Set when an acceptor may store a value that this change made. */
  mayHaveHappened: boolean;
}

/** The results of changes that are applied. */
export type Results = ReadonlyMap<Change, unknown>;
/** The effect of a reply: the next request, the results of a chosen state, or a lost round. */
export type Outcome = Request | { readonly type: "chosen"; readonly results: Results } | "lost";

/** What a proposer needs from its node. */
export interface ProposerSettings {
  /** The ids of all acceptors. */
  readonly acceptors: readonly string[];
  /** This node's id, and the name of its incarnation. */
  readonly id: string;
  readonly incarnation: string;
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
  /** The request of the current round; replies to any other one are late. */
  #request: Request | undefined;
  readonly #replies = new Map<string, Reply>();
  readonly #conflicts = new Set<string>();
  /** The results that each attempt has if it turns out to be applied, by ballot. */
  readonly #attempts = new Map<string, Results>();
  /** The ballot that a quorum promised with its last `accepted`, and the state that it accepted. */
  #lead: { readonly ballot: Ballot; readonly state: State } | undefined;

  /** Prepares a proposer without pending changes. */
  constructor(settings: ProposerSettings) {
    this.#settings = settings;
    this.#quorum = Math.floor(settings.acceptors.length / 2) + 1;
  }

  /** The acceptors that have not replied to the current request. */
  get unanswered(): string[] {
    const { acceptors } = this.#settings;
    return acceptors.filter((id) => !this.#replies.has(id) && !this.#conflicts.has(id));
  }

  /** Whether an acceptor has promised a higher ballot than that of the current round. */
  get hasRival(): boolean {
    return this.#conflicts.size > 0;
  }

  /**
   * Step 2: starts a round; returns the request to all acceptors. The ballot is above `promised`, which
   * an acceptor is known to have promised. If that ballot is a rival's, the round needs both phases.
   */
  begin(promised: Ballot = ZERO): Request {
    const lead = this.#lead;
    this.#lead = undefined;
    if (lead !== undefined && compareBallots(lead.ballot, promised) >= 0) {
      this.#settings.sometimes("caspaxos: a change took one round trip");
      return this.#propose(lead.ballot, lead.state);
    }
    this.#counter = Math.max(this.#counter, promised[0]);
    return this.#ask({ type: "prepare", ballot: this.#nextBallot() });
  }

  /** Handles an acceptor's reply to a request. */
  receive(acceptor: string, request: Request, reply: Reply): Outcome | undefined {
    if (request !== this.#request) return undefined;
    if (reply.type === "conflict") {
      this.#counter = Math.max(this.#counter, reply.ballot[0]);
      this.#conflicts.add(acceptor);
      const isLost = this.#conflicts.size > this.#settings.acceptors.length - this.#quorum;
      return isLost ? this.abandon() : undefined;
    }
    this.#replies.set(acceptor, reply);
    if (this.#replies.size < this.#quorum) return undefined;
    return request.type === "prepare" ? this.#adopt(request.ballot) : this.#chosen(request);
  }

  /** Ends the current round: a rival has prevented it, or may have. */
  abandon(): "lost" {
    if (this.#request?.type === "accept") {
      this.#settings.sometimes("caspaxos: a rival interrupted an accept, whose outcome is unknown");
    }
    this.#request = undefined;
    return "lost";
  }

  /** Step 4: takes the state with the highest ballot of a quorum. */
  #adopt(ballot: Ballot): Request {
    let newest: Extract<Reply, { type: "promise" }> | undefined;
    const seen = new Set<string>();
    for (const reply of this.#replies.values()) {
      if (reply.type !== "promise") continue;
      seen.add(String(reply.accepted));
      if (newest === undefined || compareBallots(reply.accepted, newest.accepted) > 0) {
        newest = reply;
      }
    }
    invariant(newest !== undefined, "a quorum of promises has at least one");
    if (seen.size > 1) this.#settings.sometimes("caspaxos: acceptors promised different states");
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
    const after = {
      value: value === undefined ? [] : [value],
      last: { ...state.last, [id]: ballot },
    };
    return this.#ask({ type: "accept", ballot, state: after, next: this.#nextBallot() });
  }

  /** Step 6: a quorum has accepted the state, so all changes in it are applied. */
  #chosen({ ballot, state, next }: Extract<Request, { type: "accept" }>): Outcome {
    const results = this.#attempts.get(String(ballot));
    invariant(results !== undefined, "an accept has the results of its changes");
    this.#request = undefined;
    this.#lead = { ballot: next, state };
    for (const change of results.keys()) this.pending.delete(change);
    // No earlier attempt that this state does not contain can be applied any more.
    this.#attempts.clear();
    return { type: "chosen", results };
  }

  #ask<R extends Request>(request: R): R {
    this.#request = request;
    this.#replies.clear();
    this.#conflicts.clear();
    return request;
  }

  #nextBallot(): Ballot {
    const { id, incarnation } = this.#settings;
    return [++this.#counter, id, incarnation];
  }
}
