/**
 * What a node has at hand to commit: its own clients' requests, and jobs.
 *
 * A request becomes part of a job when it is tried for the first time. If that certainly failed, it
 * is a mere request again, free to be part of another job.
 *
 * @module
 */

import type { MicroOperation, Transaction } from "../transaction.ts";
import type { ClientRequest } from "./client_request.ts";
import { onlyRead, type Ticket, ticketOf } from "./job.ts";
import type { Reader } from "./witnesses.ts";

interface OwnRequest {
  readonly request: ClientRequest;
  /** For whom it is; undefined if it does not only read. */
  readonly reader: Reader | undefined;
}

/** Requests and jobs that wait. */
export class AtHand {
  readonly #stream: string;
  readonly #readerHere: () => Reader;
  #requests: OwnRequest[] = [];
  #tickets: Ticket[] = [];
  #lastSequence = 0;

  /** `stream` names the jobs that are made of requests; `readerHere` is a client who asks now. */
  constructor(stream: string, readerHere: () => Reader) {
    this.#stream = stream;
    this.#readerHere = readerHere;
  }

  /** Whether there is nothing to do. */
  get isEmpty(): boolean {
    return this.#requests.length + this.#tickets.length === 0;
  }

  /** Whether something in it cannot do without a commit. */
  get hasWrites(): boolean {
    return this.#hasOwnWrites || this.#tickets.some(({ reader }) => reader === undefined);
  }

  get #hasOwnWrites(): boolean {
    return this.#requests.some(({ reader }) => reader === undefined);
  }

  /** Takes a request of one of this node's clients. */
  add(request: ClientRequest): void {
    const isReader = onlyRead([request.transaction]);
    this.#requests.push({ request, reader: isReader ? this.#readerHere() : undefined });
  }

  /** Takes a job. */
  addJob(ticket: Ticket): void {
    this.#tickets.push(ticket);
  }

  /** Whether a job is there. */
  has(ticket: Ticket): boolean {
    return this.#tickets.includes(ticket);
  }

  /**
   * Answers what only reads, by `run`, for those readers whom `isSure` names. Returns the requesters,
   * nodes or clients, who have been answered.
   */
  answerReaders(
    isSure: (reader: Reader) => boolean,
    run: (transaction: Transaction) => MicroOperation[],
  ): string[] {
    const answered: string[] = [];
    const remains = (reader: Reader | undefined, requester: string, answer: () => void) => {
      if (reader === undefined || !isSure(reader)) return true;
      answer();
      answered.push(requester);
      return false;
    };
    // What other nodes handed over goes along with what has to be committed here anyway: the answer
    // can then wait, as that of the commit does, for this node's clients (see `Committer.commit`).
    if (!this.#hasOwnWrites) {
      this.#tickets = this.#tickets.filter((ticket) =>
        remains(
          ticket.reader,
          ticket.reader?.sender ?? "",
          () => ticket.committed(ticket.transactions.map(run)),
        )
      );
    }
    this.#requests = this.#requests.filter(({ reader, request }) =>
      remains(reader, request.client, () => request.committed(run(request.transaction)))
    );
    return answered;
  }

  /** Takes out what is to be committed next: jobs for which somebody waits. */
  take(): Ticket[] {
    const tickets = this.#tickets.filter((ticket) => !ticket.isAbandoned());
    this.#tickets = [];
    // One job of a stream at a time: else the root could not tell of both what became of them.
    if (tickets.some(({ stream }) => stream === this.#stream)) return tickets;
    const requests = this.#requests.map(({ request }) => request)
      .filter((request) => !request.isAnswered);
    this.#requests = [];
    if (requests.length === 0) return tickets;
    return [...tickets, ticketOf(requests, this.#stream, ++this.#lastSequence)];
  }

  /** Puts back what certainly was not committed. */
  putBack(tickets: readonly Ticket[]): void {
    for (const ticket of tickets) {
      if (ticket.requests.length === 0) this.#tickets.push(ticket);
      for (const request of ticket.requests) {
        request.failed();
        this.add(request);
      }
    }
  }

  /** Puts back jobs of which nobody knows whether they were committed: they stay what they are. */
  putBackUnsure(tickets: readonly Ticket[]): void {
    this.#tickets.unshift(...tickets.map((ticket) => ({ ...ticket, requests: [] })));
  }
}
