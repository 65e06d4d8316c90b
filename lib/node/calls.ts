/**
 * A node's outstanding calls: each waits for one reply and has one deadline, however often its
 * request is retransmitted.
 *
 * Invariant: a call is in the table exactly as long as its promise is pending. Whatever settles the
 * promise (reply, timeout, abort, a request that is not JSON, shutdown) also stops its timers.
 *
 * A reply to a killed node may reach its next incarnation. Each incarnation therefore numbers its
 * requests from a random start, so that such a reply matches none of them.
 *
 * @module
 */

import { Backoff, invariant } from "../base/mod.ts";
import { type Body, ErrorCode, RpcError } from "../wire/mod.ts";
import type { Host } from "./host.ts";
import type { RetryOptions, RpcOptions } from "./node.ts";

const DEFAULT_TIMEOUT_MS = 1000;
/** First request ids are below this, which leaves room for 2⁵² further ones. */
const MAX_FIRST_ID = 2 ** 30;

interface Call {
  /** Describes the call in errors, such as `'read' to lin-kv`. */
  readonly name: string;
  readonly dest: string;
  readonly retriedCodes: readonly number[];
  /** The last error reply whose code is retried. */
  lastError: RpcError | undefined;
  resolve(reply: Body): void;
  reject(reason: unknown): void;
}

/** The table of outstanding calls. */
export class Calls {
  readonly #host: Host;
  readonly #transmit: (dest: string, body: Body) => void;
  readonly #outstanding = new Map<number, Call>();
  #lastId: number | undefined;
  #closed = false;

  /** `transmit` sends a request; it is called again for each retransmission. */
  constructor(host: Host, transmit: (dest: string, body: Body) => void) {
    this.#host = host;
    this.#transmit = transmit;
  }

  /** Sends a request and resolves to its reply; see {@link Node.rpc} for the errors. */
  begin(dest: string, body: Body, options: RpcOptions): Promise<Body> {
    const name = `'${body.type}' to ${dest}`;
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#closed) return Promise.reject(timeoutError(name, "the node's input has ended"));
    this.#lastId ??= Math.floor(MAX_FIRST_ID * this.#host.random());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const end = () => {
        invariant(this.#outstanding.delete(id), "a call settles once");
        for (const stop of stops) stop();
      };
      const call: Call = {
        name,
        dest,
        retriedCodes: options.retry?.codes ?? [],
        lastError: undefined,
        resolve(reply) {
          end();
          resolve(reply);
        },
        reject(reason) {
          end();
          reject(reason);
        },
      };
      this.#outstanding.set(id, call);
      try {
        this.#start(call, { ...body, msg_id: id }, options, stops);
      } catch (error) {
        call.reject(error);
      }
    });
  }

  /** Settles the call that a reply belongs to. Drops late, duplicate and unexpected replies. */
  settle(source: string, body: Body): void {
    const call = this.#outstanding.get(body.in_reply_to as number);
    if (call === undefined || call.dest !== source) return;
    if (body.type !== "error") return call.resolve(body);
    const error = RpcError.fromBody(body);
    if (call.retriedCodes.includes(error.code)) call.lastError = error;
    else call.reject(error);
  }

  /** Rejects all calls, and all later ones, with a timeout: no further reply can arrive. */
  close(): void {
    this.#closed = true;
    for (const call of [...this.#outstanding.values()]) {
      call.reject(timeoutError(call.name, "the node's input ended before the reply arrived"));
    }
  }

  #start(call: Call, request: Body, options: RpcOptions, stops: (() => void)[]): void {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, retry } = options;
    if (timeoutMs !== Infinity) {
      stops.push(this.#host.startTimer(timeoutMs, () => {
        const last = call.lastError === undefined
          ? ""
          : `; the last error reply was ${call.lastError.message}`;
        call.reject(timeoutError(call.name, `no reply within ${timeoutMs} ms${last}`));
      }));
    }
    if (signal !== undefined) {
      const abort = () => call.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      stops.push(() => signal.removeEventListener("abort", abort));
    }
    const send = () => this.#transmit(call.dest, request);
    if (retry !== undefined) stops.push(this.#retransmit(retry, send));
    send();
  }

  /** Retransmits with back-off until the returned function is called. */
  #retransmit(retry: RetryOptions, send: () => void): () => void {
    const backoff = new Backoff(retry, () => this.#host.random());
    let stop = () => {};
    const schedule = () => {
      stop = this.#host.startTimer(backoff.next(), () => {
        send();
        schedule();
      });
    };
    schedule();
    return () => stop();
  }
}

function timeoutError(call: string, reason: string): RpcError {
  return new RpcError(ErrorCode.timeout, `${call}: ${reason}`);
}
