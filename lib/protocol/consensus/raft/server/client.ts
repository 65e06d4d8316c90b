/**
 * A member's own clients: forwards their requests to the leader, in a session, and repeats them until
 * they have an outcome or time out.
 *
 * What a timeout means is known. A message is meant for the leader of one term, and only that leader
 * accepts it. If each message with a request was refused, or there was none, the request was not
 * executed and never will be. Otherwise its outcome is unknown.
 *
 * @module
 */

import { Backoff, invariant, type Json, RoundTripEstimator } from "../../../../base/mod.ts";
import {
  isSame,
  LeaderFinder,
  type LeaderFinderOptions,
  type Leadership,
} from "./leader_finder.ts";
import type { Forward, Forwarded, MemberChange, Refused, Request } from "./messages.ts";
import { RequestError, timeoutError } from "./request_error.ts";
import type { NumberedCommand, Outcome } from "./sessions.ts";

/** The shortest time after which a message is repeated, and that before the first reply. */
const MIN_RETRY_MS = 50;
const INITIAL_RETRY_MS = 200;
const MAX_RETRY_MS = 2000;
/** The retransmission timeout as a multiple of the longest recent response time. */
const RETRY_FACTOR = 2;
/** The response times that the estimate takes into account. */
const RESPONSE_TIMES = 16;
/** The number of requests in a message. */
const MAX_BATCH = 512;
/** A late reply counts as a sample if its message is one of the last this many. */
const MAX_MESSAGES = 256;

/** A request without an outcome. */
interface Pending {
  readonly number: number;
  readonly request: Request;
  /** The messages with this request that were not refused. */
  readonly batches: Set<number>;
  /** The leader that the last message was meant for; undefined if it must be repeated. */
  sentTo: Leadership | undefined;
  readonly settle: (outcome: Outcome | RequestError) => void;
}

/** A message whose reply is awaited. */
interface Batch {
  readonly leadership: Leadership;
  readonly sentMs: number;
  /** Whether it opens a session. */
  readonly opens: boolean;
  readonly cancelRetry: () => void;
  /** Whether it had no reply in time, so that others repeat what it has. */
  isRepeated: boolean;
}

/** What the client side of a member needs. */
export interface ClientOptions extends LeaderFinderOptions {
  /** Requests that arrive within this time after a message share the next one, in milliseconds. */
  readonly lingerMs: number;
  readonly sometimes: (text: string) => void;
}

/** Forwards the requests of a member's clients. */
export class Client {
  readonly #options: ClientOptions;
  readonly #finder: LeaderFinder;
  /** The requests without an outcome by number, the oldest first. */
  readonly #pending = new Map<number, Pending>();
  readonly #batches = new Map<number, Batch>();
  readonly #responseTimes = new RoundTripEstimator({ window: RESPONSE_TIMES });
  /** Factors of the retransmission timeout. */
  readonly #retries = new Backoff({ minMs: 1, maxMs: MAX_RETRY_MS / MIN_RETRY_MS }, () => 1);
  #session: number | undefined;
  #isOpening = false;
  #lastNumber = 0;
  #lastBatch = 0;
  #flushedMs = -Infinity;
  #isFlushScheduled = false;
  #hasStopped = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#finder = new LeaderFinder(options);
  }

  /** The median of recent times from a message to its reply, in milliseconds; undefined at first. */
  get responseMs(): number | undefined {
    return this.#responseTimes.median;
  }

  /**
   * Resolves to a request's result. `timeoutMs` returns how many milliseconds it may take in all,
   * and is called again when they have passed. Rejects with a {@link RequestError}.
   */
  perform(request: Request, timeoutMs: () => number): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const { clock } = this.#options;
    const startMs = clock.monotonic();
    const number = ++this.#lastNumber;
    let cancel = () => {};
    const settle = (outcome: Outcome | RequestError) => {
      cancel();
      this.#pending.delete(number);
      if (outcome instanceof RequestError) reject(outcome);
      else if ("result" in outcome) resolve(outcome.result);
      else if ("refused" in outcome) reject(new RequestError("not-executed", outcome.refused));
      else reject(new RequestError("unknown", "the session of the command expired"));
    };
    const item = { number, request, batches: new Set<number>(), sentTo: undefined, settle };
    const expire = () => {
      const leftMs = startMs + timeoutMs() - clock.monotonic();
      if (leftMs > 0) cancel = clock.after(leftMs, expire);
      else settle(timeoutError(item.batches.size > 0));
    };
    this.#pending.set(number, item);
    expire();
    this.#flush();
    return promise;
  }

  /** Sends what waits for a leader, after the role, the term or the leader changed. */
  changed(): void {
    this.#retries.reset();
    this.#continue();
  }

  /** Notes the outcome of a command that this member has applied, whichever member leads. */
  applied(session: number, number: number, outcome: Outcome): void {
    if (session === this.#session) this.#pending.get(number)?.settle(outcome);
  }

  /** Handles the results of a message. */
  onForwarded({ client, batch, session, results }: Forwarded): void {
    if (client !== this.#options.incarnation) return;
    const found = this.#take(batch);
    if (found !== undefined) {
      this.#responseTimes.add(this.#options.clock.monotonic() - found.sentMs);
      this.#retries.reset();
    }
    if (found?.opens) this.#isOpening = false;
    this.#session ??= session;
    // Also of a message that was repeated since: the numbers are those of the requests.
    for (const [number, outcome] of results) {
      if ("expired" in outcome && this.#pending.has(number)) this.#renewSession();
      this.#pending.get(number)?.settle(outcome);
    }
    this.#flush();
  }

  /** Handles a refusal: the term of the leader has ended, and another one may be known. */
  onRefused({ client, batch, term, leader, accepted = false }: Refused): void {
    if (client !== this.#options.incarnation) return;
    if (leader !== undefined) this.#finder.noteHint({ leader, term });
    const found = this.#take(batch);
    if (found !== undefined) {
      this.#options.sometimes("a forwarded request was refused");
      this.#finder.noteEnd(found.leadership);
      if (found.opens) this.#isOpening = false;
    }
    for (const item of this.#pending.values()) {
      if (!item.batches.has(batch)) continue;
      if (isSame(item.sentTo, found?.leadership)) item.sentTo = undefined;
      if (!accepted) item.batches.delete(batch);
    }
    this.changed();
  }

  /** Sends nothing more, and rejects all requests. */
  stop(): void {
    this.#hasStopped = true;
    for (const { cancelRetry } of this.#batches.values()) cancelRetry();
    const pending = [...this.#pending.values()];
    for (const { batches, settle } of pending) settle(timeoutError(batches.size > 0));
  }

  /** Opens a session, and sends what the leader has not received. */
  #continue(): void {
    if (this.#hasStopped) return;
    const hasSession = this.#session !== undefined || this.#isOpening;
    if (this.#finder.leadership !== undefined && !hasSession) {
      this.#isOpening = true;
      this.#send([]);
    }
    this.#flush();
  }

  /** Begins a new session; commands and changes of the expired one may have been executed. */
  #renewSession(): void {
    this.#options.sometimes("a session expired");
    this.#session = undefined;
    for (const item of [...this.#pending.values()]) {
      if (!("query" in item.request) && item.batches.size > 0) item.settle({ expired: true });
    }
    this.changed();
  }

  /** Sends the requests that the leader has not received, unless others were just sent. */
  #flush(): void {
    if (this.#hasStopped) return;
    const { leadership } = this.#finder;
    if (leadership === undefined) return this.#finder.probe(() => this.#pending.size === 0);
    if (this.#isFlushScheduled) return;
    const items: Pending[] = [];
    for (const item of this.#pending.values()) {
      const isReady = this.#session !== undefined || "query" in item.request;
      if (isReady && !isSame(item.sentTo, leadership)) items.push(item);
      if (items.length === MAX_BATCH) break;
    }
    if (items.length === 0) return;
    const { clock, lingerMs, replica } = this.#options;
    const isOwn = leadership.leader === replica.raft.id;
    const waitMs = isOwn ? 0 : this.#flushedMs + lingerMs - clock.monotonic();
    if (waitMs <= 0) {
      this.#send(items);
      return this.#flush();
    }
    this.#isFlushScheduled = true;
    clock.after(waitMs, () => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  /** Sends requests to the leader; none opens a session. */
  #send(items: readonly Pending[]): void {
    const { leadership } = this.#finder;
    invariant(leadership !== undefined, "a message needs a leader");
    const { clock, incarnation: client, send } = this.#options;
    const batch = ++this.#lastBatch;
    const [opens, sentMs] = [items.length === 0, clock.monotonic()];
    if (items.some(({ batches }) => batches.size > 0)) {
      this.#options.sometimes("a forwarded request was repeated");
    }
    for (const item of items) {
      item.batches.add(batch);
      item.sentTo = leadership;
    }
    const cancelRetry = clock.after(this.#retryMs(), () => this.#retry(batch));
    this.#batches.set(batch, { leadership, sentMs, opens, cancelRetry, isRepeated: false });
    if (!opens) this.#flushedMs = sentMs;
    const fields = opens ? { open: client } : this.#fieldsOf(items);
    const { leader, term } = leadership;
    send(leader, { type: "forward", client, batch, term, ...fields });
  }

  #fieldsOf(items: readonly Pending[]): Partial<Forward> {
    const commands: NumberedCommand[] = [];
    const queries: [number, Json][] = [];
    const changes: [number, MemberChange][] = [];
    for (const { number, request } of items) {
      if ("command" in request) commands.push([number, request.command]);
      else if ("query" in request) queries.push([number, request.query]);
      else changes.push([number, request.change]);
    }
    const fields = {
      ...(commands.length === 0 ? {} : { commands }),
      ...(queries.length === 0 ? {} : { queries }),
      ...(changes.length === 0 ? {} : { changes }),
    };
    if (commands.length + changes.length === 0) return fields;
    const [session, [first]] = [this.#session, this.#pending.keys()];
    invariant(session !== undefined, "commands and changes need a session");
    invariant(first !== undefined, "requests that are sent are pending");
    return { session, first, ...fields };
  }

  /** Repeats what a message without a reply has, if it has no outcome yet. */
  #retry(batch: number): void {
    const found = this.#batches.get(batch);
    if (found === undefined) return;
    this.#options.sometimes("a forwarded message had no reply in time");
    found.isRepeated = true;
    for (const [old, { isRepeated }] of this.#batches) {
      if (isRepeated && old <= this.#lastBatch - MAX_MESSAGES) this.#batches.delete(old);
    }
    this.#finder.noteSilence(found.leadership);
    if (found.opens) this.#isOpening = false;
    for (const item of this.#pending.values()) {
      const isLast = isSame(item.sentTo, found.leadership) && item.batches.has(batch);
      if (isLast) item.sentTo = undefined;
    }
    this.#continue();
  }

  #retryMs(): number {
    const longestMs = this.#responseTimes.quantile(1) ?? INITIAL_RETRY_MS / RETRY_FACTOR;
    const usualMs = Math.max(MIN_RETRY_MS, RETRY_FACTOR * longestMs);
    return Math.min(MAX_RETRY_MS, usualMs * this.#retries.next());
  }

  #take(batch: number): Batch | undefined {
    const found = this.#batches.get(batch);
    found?.cancelRetry();
    this.#batches.delete(batch);
    return found;
  }
}
