/**
 * The calls a node has under way: each waits for one reply, has one deadline however often its
 * request is sent, and may be sent again with back-off.
 *
 * Invariant: a call is in the table exactly as long as its promise is pending, and whatever settles
 * it (reply, deadline, abort, shutdown) stops its timers.
 *
 * @module
 */

import { type Body, ErrorCode, RpcError } from "../wire/mod.ts";
import type { Host } from "./host.ts";
import type { RetryOptions, RpcOptions } from "./node.ts";

const DEFAULT_TIMEOUT_MS = 1000;
const DEFAULT_FACTOR = 2;

interface Call {
  readonly dest: string;
  readonly retriedCodes: readonly number[];
  settle(outcome: Body | Error): void;
}

/** The table of calls. */
export class Calls {
  readonly #host: Host;
  readonly #transmit: (dest: string, body: Body) => void;
  readonly #underWay = new Map<number, Call>();
  #lastId = 0;
  #closed = false;

  /** `transmit` sends a request on its way; it is called again for each retry. */
  constructor(host: Host, transmit: (dest: string, body: Body) => void) {
    this.#host = host;
    this.#transmit = transmit;
  }

  /** Begins a call; see {@link Node.rpc}. */
  begin(dest: string, body: Body, options: RpcOptions): Promise<Body> {
    options.signal?.throwIfAborted();
    const timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
    if (this.#closed) return Promise.reject(timeoutError(dest, body, "the node is shutting down"));
    const id = ++this.#lastId;
    const request = { ...body, msg_id: id };
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const settle = (outcome: Body | Error) => {
        if (!this.#underWay.delete(id)) return;
        for (const stop of stops) stop();
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.#underWay.set(id, { dest, retriedCodes: options.retry?.codes ?? [], settle });
      stops.push(this.#host.startTimer(
        timeout,
        () => settle(timeoutError(dest, body, `no answer within ${timeout} ms`)),
      ));
      const { signal, retry } = options;
      if (signal !== undefined) {
        const abort = () => settle(toError(signal.reason));
        signal.addEventListener("abort", abort, { once: true });
        stops.push(() => signal.removeEventListener("abort", abort));
      }
      if (retry !== undefined) {
        stops.push(this.#repeat(retry, () => this.#transmit(dest, request)));
      }
      this.#transmit(dest, request);
    });
  }

  /** Takes a reply. Late, repeated and unasked-for ones are dropped. */
  settle(source: string, body: Body): void {
    const call = this.#underWay.get(body.in_reply_to as number);
    if (call === undefined || call.dest !== source) return;
    if (body.type !== "error") return call.settle(body);
    const error = RpcError.fromBody(body);
    if (!call.retriedCodes.includes(error.code)) call.settle(error);
  }

  /** Ends all calls with a timeout, and all later ones at once: no reply can come any more. */
  close(): void {
    this.#closed = true;
    for (const call of [...this.#underWay.values()]) {
      call.settle(new RpcError(ErrorCode.timeout, "the node's input ended before the reply came"));
    }
  }

  #repeat(retry: RetryOptions, resend: () => void): () => void {
    const { first, factor = DEFAULT_FACTOR, most = 10 * first } = retry;
    let wait = first;
    let stop = () => {};
    const schedule = () => {
      const jittered = wait * (0.5 + this.#host.random() / 2);
      wait = Math.min(most, wait * factor);
      stop = this.#host.startTimer(jittered, () => {
        resend();
        schedule();
      });
    };
    schedule();
    return () => stop();
  }
}

function timeoutError(dest: string, body: Body, why: string): RpcError {
  return new RpcError(ErrorCode.timeout, `'${body.type}' to ${dest}: ${why}`);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
