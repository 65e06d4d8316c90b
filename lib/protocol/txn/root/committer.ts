/**
 * Group commit: all transactions at hand are run on the state that this node knows, one after the
 * other, and their writes become part of the history by one compare-and-set of the root.
 *
 * If the root is still the one that this node knows, nobody has committed anything since; so the
 * transactions have seen the newest state, and take effect at that instant, which lies between
 * their requests and their answers: strict serializability. If it is another one, nothing has
 * happened; the new root is read, and all is run again. Transactions that only read need no
 * compare-and-set where no other needs one: it is enough to know, once they have arrived, all there
 * is to see. {@link Witnesses} may be able to tell; else the root is read.
 *
 * A batch is to be large, so it waits for a moment for those who are likely to come
 * ({@link Gathering}). The answer to another node waits as well, until this node's own clients have
 * asked again: then what that node says next can witness for them.
 *
 * Where others commit, too, nodes take turns ({@link Turns}). What only reads spoils nobody's attempt
 * and needs none.
 *
 * Invariant: no job is part of the history twice, since the root names the last one of each stream.
 *
 * @module
 */

import { type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation } from "../transaction.ts";
import { AtHand } from "./at_hand.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Database } from "./database.ts";
import { Gathering } from "./gathering.ts";
import { type Job, type Ticket, ticketFor } from "./job.ts";
import { type Plan, planCommit } from "./plan.ts";
import { Regulars } from "./regulars.ts";
import { Turns } from "./turns.ts";
import { type Statement, TO_ITSELF, Witnesses } from "./witnesses.ts";

/** How a committer goes about it, in milliseconds. */
export interface CommitPace {
  /** How long a transaction waits for others at most, where round trips to the store are short. */
  readonly gather: number;
  /** How long a node has the root for itself where others commit, too; longer with long round trips. */
  readonly turn: number;
  /** How long a job is tried. */
  readonly patience: number;
}

/**
 * For so many round trips to the store a transaction waits for others at most, where they are long:
 * who is answered by one commit asks again a round trip later, and is to be there for the next.
 */
const GATHER_ROUND_TRIPS = 1.25;
/** Of so many round trips consists a commit: there and back, one under way, and its own. */
const COMMIT_ROUND_TRIPS = 3;

/** Commits transactions, one batch at a time. */
export class Committer {
  readonly #node: Node;
  readonly #database: Database;
  readonly #pace: CommitPace;
  readonly #atHand: AtHand;
  readonly #gathering: Gathering;
  readonly #regulars: Regulars;
  readonly #witnesses: Witnesses;
  readonly #turns: Turns;
  #isWorking = false;

  /** `stream` names the jobs that it makes of requests; no other life of any node has it. */
  constructor(node: Node, database: Database, stream: string, pace: CommitPace) {
    this.#node = node;
    this.#database = database;
    this.#pace = pace;
    this.#witnesses = new Witnesses(node);
    this.#atHand = new AtHand(stream, () => this.#witnesses.reader(node.id, TO_ITSELF));
    const window = () => this.#gatherTime;
    this.#gathering = new Gathering(node, window, () => this.#atHand.hasWrites);
    this.#regulars = new Regulars(node, window);
    this.#turns = new Turns(node, { turn: pace.turn, roundTrip: () => database.roundTrip });
  }

  /** What a round trip to the store takes, in milliseconds; 0 as long as that is unknown. */
  get roundTrip(): number {
    return this.#database.roundTrip;
  }

  /** How long a transaction may wait for others, in milliseconds. */
  get #gatherTime(): number {
    return Math.max(this.#pace.gather, GATHER_ROUND_TRIPS * this.#database.roundTrip);
  }

  /**
   * How long it takes to have a job committed by another node, in milliseconds, even if that node has
   * to leave the root to others first. Whoever loses patience sooner only adds to the contention.
   */
  get usualTime(): number {
    const { longestRest } = this.#turns;
    return longestRest + 2 * this.#gatherTime + COMMIT_ROUND_TRIPS * this.#database.roundTrip;
  }

  /** How much of the history this node knows; if it has not looked at it, it will now. */
  known(): number | undefined {
    if (this.#database.isKnown) return this.#database.length;
    if (!this.#isWorking) this.#look();
    return undefined;
  }

  /** A mark that goes to a node with an answer that is sent now, for its next statement. */
  markFor(node: string): number {
    return this.#witnesses.markFor(node);
  }

  /** Takes a client's request, to be committed with whatever else is at hand. */
  take(request: ClientRequest): void {
    this.#atHand.add(request);
    this.#regulars.asked(request.client, request);
    this.#arrives(request.client, () => !request.isAnswered);
  }

  /**
   * Commits a job and returns its transactions with their reads made; one that was committed
   * before, by whomever, is not committed again. Throws an `RpcError` when it was not committed in
   * time.
   */
  commit(job: Job, sender: string, statement: Statement): Promise<MicroOperation[][]> {
    this.#turns.heard(sender);
    this.#witnesses.heard(sender, statement);
    const reader = this.#witnesses.reader(sender, statement);
    const { ticket, done } = ticketFor(job, reader, this.#node, this.#pace.patience);
    this.#atHand.addJob(ticket);
    this.#arrives(sender, () => this.#atHand.has(ticket));
    return sender === this.#node.id ? done : done.then(async (results) => {
      await this.#regulars.back();
      return results;
    });
  }

  #arrives(requester: string, isWaiting: () => boolean): void {
    const database = this.#database;
    const answered = !database.isKnown ? [] : this.#atHand.answerReaders(
      (reader) => this.#witnesses.confirm(database.length, reader),
      (transaction) => database.draft().run(transaction),
    );
    for (const reader of answered) this.#gathering.left(reader);
    this.#gathering.arrived(requester, isWaiting());
    if (this.#atHand.isEmpty) this.#gathering.taken();
    this.#work();
  }

  /** Has a first look at the root. */
  async #look(): Promise<void> {
    this.#isWorking = true;
    try {
      await this.#refresh();
    } finally {
      this.#isWorking = false;
    }
    this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (!this.#atHand.isEmpty) {
        await this.#gathering.complete();
        if (this.#atHand.hasWrites) await this.#awaitTurn();
        await this.#round();
        this.#turns.tried();
      }
    } catch (error) {
      // It would happen again with the same jobs. Their clients hear in time that nobody knows.
      this.#node.log(`a commit was given up: ${error instanceof Error ? error.stack : error}`);
    } finally {
      this.#isWorking = false;
    }
    if (!this.#atHand.isEmpty) this.#work();
  }

  async #awaitTurn(): Promise<void> {
    await this.#turns.leaveGap();
    if (!this.#turns.isOver) return;
    await this.#turns.rest();
    await this.#beginTurn();
  }

  async #beginTurn(): Promise<void> {
    const { length } = this.#database;
    await this.#refresh();
    this.#turns.begin(this.#database.length > length);
  }

  /** Tries to commit what is at hand; what was not committed is at hand again afterwards. */
  async #round(): Promise<void> {
    this.#gathering.taken();
    // Before anything is taken: what nothing can be tried with is certainly not done.
    const isKnown = this.#database.isKnown || await this.#refresh();
    const tickets = this.#atHand.take();
    if (tickets.length === 0) return;
    if (!isKnown) {
      this.#atHand.putBack(tickets);
      return await this.#turns.restAfterFailure();
    }
    try {
      const plan = await this.#attempt(tickets);
      if (plan !== undefined) {
        this.#turns.succeeded();
        return tickets.forEach((ticket, index) => {
          const results = plan.results[index];
          if (results === undefined) ticket.superseded();
          else ticket.committed(results);
        });
      }
      this.#atHand.putBack(tickets);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#node.sometimes("nobody knows whether a job was committed");
      this.#atHand.putBackUnsure(tickets);
    }
    await this.#turns.restAfterFailure();
    await this.#beginTurn();
  }

  /** False when the root could not be read. */
  async #refresh(): Promise<boolean> {
    try {
      await this.#database.refresh();
      return true;
    } catch (error) {
      if (error instanceof RpcError) this.#node.sometimes("the root could not be read");
      else this.#node.log(`no root that this node can read: ${error}`);
      return false;
    }
  }

  /**
   * Undefined when it certainly was in vain. Throws an `RpcError` when nobody knows: only once a
   * compare-and-set is under way.
   */
  async #attempt(tickets: readonly Ticket[]): Promise<Plan | undefined> {
    const database = this.#database;
    const plan = planCommit(database, tickets);
    if (plan.writes.length > 0) {
      if (await database.append(plan.writes, plan.jobs)) return plan;
      this.#node.sometimes("another node committed first");
      return undefined;
    }
    // What writes nothing proves nothing by being committed: that nobody has written is to be seen.
    return await this.#refresh() ? planCommit(database, tickets) : undefined;
  }
}
