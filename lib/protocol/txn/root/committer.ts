/**
 * Group commit: all transactions at hand are run on the state that this node knows, one after the
 * other, and their writes become part of the history by one compare-and-set of the root.
 *
 * If the root is still the one that this node knows, nobody has committed anything since; so the
 * transactions have seen the newest state, and take effect at that instant, which lies between their
 * requests and their answers: strict serializability. If it is another one, nothing has happened; the
 * new root is read, and all is run again. Transactions that only read need no compare-and-set where
 * no other needs one: it is enough to read the root once they have arrived, and to find in it all
 * there is to see.
 *
 * Two that commit by turns would spoil each other's attempts, at two messages for the failure and
 * two for the new root. So whoever fails leaves the other alone for a while, who then goes on without
 * failures; and whoever has not heard from a peer of late leaves a gap before each attempt, in case
 * that peer is cut off and tries as well, who else would always come too late where round trips are
 * long.
 *
 * Invariant: no job is part of the history twice, since the root names the last one of each stream.
 *
 * @module
 */

import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation, Transaction, Write } from "../transaction.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Database } from "./database.ts";
import { Gathering } from "./gathering.ts";
import type { DoneJob } from "./root_record.ts";

/** Transactions that are committed together or not at all. */
export interface Job {
  /** Whose job: a life of a node, which has one job under way at a time. */
  readonly stream: string;
  /** The number of the job in its stream; rises. */
  readonly sequence: number;
  readonly transactions: readonly Transaction[];
}

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

interface Ticket extends Job {
  /** The clients' requests that it consists of, if no attempt has ever been made at it. */
  readonly requests: readonly ClientRequest[];
  /** Whether nobody waits for it any more. */
  isAbandoned(): boolean;
  resolve(results: MicroOperation[][]): void;
  reject(error: unknown): void;
}

interface Plan {
  /** By ticket; undefined for one that its own node has given up. */
  readonly results: readonly (MicroOperation[][] | undefined)[];
  readonly writes: readonly Write[];
  readonly jobs: readonly DoneJob[];
}

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

  /** `stream` names the jobs that it makes of this node's requests; no other life of a node has it. */
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
   * Commits a job and returns its transactions with their reads made; one that was committed before,
   * by whomever, is not committed again. Throws an `RpcError` when it was not committed in time.
   */
  commit(job: Job, sender: string): Promise<MicroOperation[][]> {
    this.#lastHeard.set(sender, this.#node.now());
    return new Promise((resolve, reject) => {
      let isOver = false;
      const cancel = this.#node.after(this.#pace.patience, () => {
        isOver = true;
        reject(new RpcError(ErrorCode.timeout, "the job was not committed in time"));
      });
      this.#tickets.push({
        ...job,
        requests: [],
        isAbandoned: () => isOver,
        resolve(results) {
          cancel();
          resolve(results);
        },
        reject(error) {
          cancel();
          reject(error);
        },
      });
      this.#gathering.arrived(sender);
      this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (this.#requests.length + this.#tickets.length > 0) {
        await this.#gathering.complete();
        await this.#leaveGap();
        await this.#round();
      }
    } finally {
      this.#isWorking = false;
    }
  }

  /** Leaves the root to peers for a moment if one of them may be cut off. */
  async #leaveGap(): Promise<void> {
    const { roundTrip } = this.#database;
    const now = this.#node.now();
    const isQuiet = (peer: string) => now - (this.#lastHeard.get(peer) ?? -Infinity) > QUIET_MS;
    if (roundTrip < 1 || !this.#node.peers.some(isQuiet)) return;
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
        return tickets.forEach((ticket, index) => settle(ticket, plan.results[index]));
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
    return requests.length === 0 ? tickets : [...tickets, this.#ownTicket(requests)];
  }

  #ownTicket(requests: readonly ClientRequest[]): Ticket {
    for (const request of requests) request.tried();
    return {
      requests,
      stream: this.#stream,
      sequence: ++this.#lastSequence,
      transactions: requests.map(({ transaction }) => transaction),
      isAbandoned: () => requests.every((request) => request.isAnswered),
      resolve: (results) =>
        requests.forEach((request, index) => request.committed(results[index] as MicroOperation[])),
      reject: () => {},
    };
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
    const plan = this.#plan(tickets);
    if (plan.writes.length > 0) {
      return await database.append(plan.writes, plan.jobs) ? plan : undefined;
    }
    // What writes nothing proves nothing by being committed: that nobody has written is to be seen.
    await database.refresh();
    return this.#plan(tickets);
  }

  /** What the tickets' transactions do on the state that is known. */
  #plan(tickets: readonly Ticket[]): Plan {
    const database = this.#database;
    const draft = database.draft();
    const planned = new Map<string, DoneJob & { readonly results: MicroOperation[][] }>();
    // The newest job of a stream first: an older one that comes with it has been given up.
    for (const ticket of tickets.toSorted((one, other) => other.sequence - one.sequence)) {
      const { stream, sequence, transactions } = ticket;
      if (planned.has(stream) || isDone(ticket, database.lastOf(stream))) continue;
      const start = database.length + draft.writes.length;
      const results = transactions.map((transaction) => draft.run(transaction));
      planned.set(stream, { stream, sequence, start, results });
    }
    const results = tickets.map((ticket) => {
      const { stream, sequence } = ticket;
      const plan = planned.get(stream);
      if (plan?.sequence === sequence) return plan.results;
      const last = database.lastOf(stream);
      return plan === undefined && last?.sequence === sequence
        ? this.#again(ticket, last)
        : undefined;
    });
    const jobs = [...planned.values()].filter(({ start }, index, all) => {
      const end = all[index + 1]?.start ?? database.length + draft.writes.length;
      return end > start;
    });
    return { results, jobs, writes: draft.writes };
  }

  /** What a job that is part of the history did, by the state in which it began. */
  #again({ transactions }: Ticket, last: DoneJob): MicroOperation[][] {
    this.#node.log("sometimes: a job had been committed already");
    const draft = this.#database.draft(last.start);
    return transactions.map((transaction) => draft.run(transaction));
  }
}

function settle(ticket: Ticket, results: MicroOperation[][] | undefined): void {
  if (results !== undefined) return ticket.resolve(results);
  ticket.reject(new RpcError(ErrorCode.abort, "a later job of the same stream has been committed"));
}

function isDone({ sequence }: Job, last: DoneJob | undefined): boolean {
  return last !== undefined && last.sequence >= sequence;
}
