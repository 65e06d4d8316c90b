/**
 * Group commit: all transactions at hand are run on the state that this node knows, one after the
 * other, and their writes become part of the history by one compare-and-set of the root.
 *
 * If the root is still the one that this node knows, nobody has committed anything since; so the
 * transactions have seen the newest state, and take effect at that instant, which lies between
 * their requests and their answers: strict serializability. If it is another one, nothing has
 * happened; the new root is read, and all is run again. Transactions that only read need no
 * compare-and-set where no other needs one: it is enough to read the root once they have arrived,
 * and to find in it all there is to see.
 *
 * Two that commit by turns would spoil each other's attempts, at two messages for the failure and
 * two for the new root. So whoever fails leaves the other alone for a while, who then goes on
 * without failures; and whoever has not heard from a peer of late leaves gaps between attempts, in
 * case that peer is cut off and tries as well, who else would always come too late where round trips
 * are long.
 *
 * Invariant: no job is part of the history twice, since the root names the last one of each stream.
 *
 * @module
 */

import { type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation } from "../transaction.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Database } from "./database.ts";
import { Gathering } from "./gathering.ts";
import { type Job, type Ticket, ticketFor, ticketOf } from "./job.ts";
import { type Plan, planCommit } from "./plan.ts";

/** How a committer goes about it, in milliseconds. */
export interface CommitPace {
  /** How long a transaction waits for others at most. */
  readonly gather: number;
  /** How long the root is left to others after a failed attempt. */
  readonly backOff: number;
  /** How long a job is tried. */
  readonly patience: number;
}

/** A peer that has not been heard of for so long may be cut off. */
const QUIET_MS = 1000;
/** Up to so many round trips are left to others who may be cut off. */
const MOST_GAP_ROUND_TRIPS = 2;

/** Commits transactions, one batch at a time. */
export class Committer {
  readonly #node: Node;
  readonly #database: Database;
  readonly #stream: string;
  readonly #pace: CommitPace;
  readonly #gathering: Gathering;
  readonly #lastHeard = new Map<string, number>();
  /** Requests that are not part of a job. */
  #requests: ClientRequest[] = [];
  #tickets: Ticket[] = [];
  #isWorking = false;
  #lastSequence = 0;
  /** When the last attempt was over. */
  #lastRound = -Infinity;

  /** `stream` names the jobs that it makes of requests; no other life of any node has it. */
  constructor(node: Node, database: Database, stream: string, pace: CommitPace) {
    this.#node = node;
    this.#database = database;
    this.#stream = stream;
    this.#pace = pace;
    this.#gathering = new Gathering(node, pace.gather);
  }

  /** Takes a client's request, to be committed with whatever else is at hand. */
  take(request: ClientRequest): void {
    this.#requests.push(request);
    this.#gathering.arrived(request.client);
    this.#work();
  }

  /**
   * Commits a job and returns its transactions with their reads made; one that was committed
   * before, by whomever, is not committed again. Throws an `RpcError` when it was not committed in
   * time.
   */
  commit(job: Job, sender: string): Promise<MicroOperation[][]> {
    this.#lastHeard.set(sender, this.#node.now());
    const { ticket, done } = ticketFor(job, this.#node, this.#pace.patience);
    this.#tickets.push(ticket);
    this.#gathering.arrived(sender);
    this.#work();
    return done;
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (this.#requests.length + this.#tickets.length > 0) {
        await this.#gathering.complete();
        await this.#leaveGap();
        await this.#round();
        this.#lastRound = this.#node.now();
      }
    } finally {
      this.#isWorking = false;
    }
  }

  /**
   * Leaves the root to peers for a moment, if one of them may be cut off and this node has only just
   * had it. (Without company it leaves gaps enough.)
   */
  async #leaveGap(): Promise<void> {
    const { roundTrip } = this.#database;
    const now = this.#node.now();
    const isQuiet = (peer: string) => now - (this.#lastHeard.get(peer) ?? -Infinity) > QUIET_MS;
    if (now - this.#lastRound > roundTrip || !this.#node.peers.some(isQuiet)) return;
    await this.#node.sleep(MOST_GAP_ROUND_TRIPS * roundTrip * this.#node.random());
  }

  /** Tries to commit what is at hand; what was not committed is at hand again afterwards. */
  async #round(): Promise<void> {
    this.#gathering.taken();
    const tickets = this.#takeTickets();
    if (tickets.length === 0) return;
    try {
      const plan = await this.#attempt(tickets);
      if (plan !== undefined) {
        return tickets.forEach((ticket, index) => {
          const results = plan.results[index];
          if (results === undefined) ticket.superseded();
          else ticket.committed(results);
        });
      }
      this.#node.log("sometimes: another node committed first");
      this.#putBack(tickets);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#node.log("sometimes: nobody knows whether a job was committed");
      this.#tickets.unshift(...tickets.map((ticket) => ({ ...ticket, requests: [] })));
    }
    await this.#recover();
  }

  /** Lets others have their way, and then learns what they did. */
  async #recover(): Promise<void> {
    await this.#node.sleep(this.#pace.backOff * (0.5 + this.#node.random() / 2));
    try {
      await this.#database.refresh();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#node.log("sometimes: the root could not be read");
    }
  }

  #takeTickets(): Ticket[] {
    const tickets = this.#tickets.filter((ticket) => !ticket.isAbandoned());
    this.#tickets = [];
    // One job of a stream at a time: else the root could not tell of both what became of them.
    if (tickets.some(({ stream }) => stream === this.#stream)) return tickets;
    const requests = this.#requests.filter((request) => !request.isAnswered);
    this.#requests = [];
    if (requests.length === 0) return tickets;
    return [...tickets, ticketOf(requests, this.#stream, ++this.#lastSequence)];
  }

  /** After an attempt that certainly failed: new requests are free to be part of another job. */
  #putBack(tickets: readonly Ticket[]): void {
    for (const ticket of tickets) {
      if (ticket.requests.length === 0) this.#tickets.push(ticket);
      for (const request of ticket.requests) {
        request.failed();
        this.#requests.push(request);
      }
    }
  }

  /** Undefined when somebody else has committed. */
  async #attempt(tickets: readonly Ticket[]): Promise<Plan | undefined> {
    const database = this.#database;
    if (!database.isKnown) await database.refresh();
    const plan = planCommit(database, tickets);
    if (plan.writes.length > 0) {
      return await database.append(plan.writes, plan.jobs) ? plan : undefined;
    }
    // What writes nothing proves nothing by being committed: that nobody has written is to be seen.
    await database.refresh();
    return planCommit(database, tickets);
  }
}
