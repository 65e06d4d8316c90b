/**
 * The calls a node has under way: each waits for one reply, has one deadline however often its
 * request is sent, and may be sent again with back-off.
 *
 * Invariant: a call is in the table exactly as long as its promise is pending, and whatever settles
 * it (reply, deadline, abort, a request that cannot be sent, shutdown) stops its timers.
 *
 * A reply to a node that has been killed may reach the next life of it. Ids begin at a random number
 * in each life, so that such a reply is not taken for one to another request.
 *
 * @module
 */

import { type Body, ErrorCode, RpcError } from "../wire/mod.ts";
import type { Host } from "./host.ts";
import type { RetryOptions, RpcOptions } from "./node.ts";

const DEFAULT_TIMEOUT_MS = 1000;
const DEFAULT_FACTOR = 2;
const FIRST_ID_BELOW = 2 ** 30;
/** When no other bound is given, a wait grows to so many times the first. */
const DEFAULT_GROWTH = 10;

interface Call {
  /** `'read' to lin-kv`: the call in words. */
  readonly what: string;
  readonly dest: string;
  readonly retriedCodes: readonly number[];
  /** The last error reply that was taken for no answer. */
  refusal: RpcError | undefined;
  resolve(reply: Body): void;
  reject(reason: unknown): void;
}

/** The table of calls. */
export class Calls {
  readonly #host: Host;
  readonly #transmit: (dest: string, body: Body) => void;
  readonly #underWay = new Map<number, Call>();
  #lastId: number | undefined;
  #closed = false;

  /** `transmit` sends a request on its way; it is called again for each retry. */
  constructor(host: Host, transmit: (dest: string, body: Body) => void) {
    this.#host = host;
    this.#transmit = transmit;
  }

  /** Begins a call; see {@link Node.rpc}. */
  begin(dest: string, body: Body, options: RpcOptions): Promise<Body> {
    const what = `'${body.type}' to ${dest}`;
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#closed) return Promise.reject(timeoutError(what, "the node's input has ended"));
    this.#lastId ??= Math.floor(FIRST_ID_BELOW * this.#host.random());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const end = () => {
        this.#underWay.delete(id);
        for (const stop of stops) stop();
      };
      const call: Call = {
        what,
        dest,
        retriedCodes: options.retry?.codes ?? [],
        refusal: undefined,
        resolve(reply) {
          end();
          resolve(reply);
        },
        reject(reason) {
          end();
          reject(reason);
        },
      };
      this.#underWay.set(id, call);
      try {
        this.#start(call, { ...body, msg_id: id }, options, stops);
      } catch (error) {
        call.reject(error);
      }
    });
  }

  /** Takes a reply. Late, repeated and unasked-for ones are dropped. */
  settle(source: string, body: Body): void {
    const call = this.#underWay.get(body.in_reply_to as number);
    if (call === undefined || call.dest !== source) return;
    if (body.type !== "error") return call.resolve(body);
    const error = RpcError.fromBody(body);
    if (call.retriedCodes.includes(error.code)) call.refusal = error;
    else call.reject(error);
  }

  /** Ends all calls with a timeout, and all later ones at once: no reply can come any more. */
  close(): void {
    this.#closed = true;
    for (const call of [...this.#underWay.values()]) {
      call.reject(timeoutError(call.what, "the node's input ended before the reply came"));
    }
  }

  #start(call: Call, request: Body, options: RpcOptions, stops: (() => void)[]): void {
    const { timeout = DEFAULT_TIMEOUT_MS, signal, retry } = options;
    if (timeout !== Infinity) {
      stops.push(this.#host.startTimer(timeout, () => {
        const last = call.refusal === undefined
          ? ""
          : `; the last refusal was ${call.refusal.message}`;
        call.reject(timeoutError(call.what, `no answer within ${timeout} ms${last}`));
      }));
    }
    if (signal !== undefined) {
      const abort = () => call.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      stops.push(() => signal.removeEventListener("abort", abort));
    }
    const send = () => this.#transmit(call.dest, request);
    if (retry !== undefined) stops.push(this.#repeat(retry, send));
    send();
  }

  /** Sends again and again, until the function that it returns is called. */
  #repeat(retry: RetryOptions, send: () => void): () => void {
    const { first, factor = DEFAULT_FACTOR, most = DEFAULT_GROWTH * first } = retry;
    if (!(first > 0 && factor >= 1 && most > 0)) {
      throw new RangeError(
        `a back-off needs first > 0, factor ≥ 1 and most > 0, not ${first}, ${factor}, ${most}`,
      );
    }
    let wait = Math.min(most, first);
    let stop = () => {};
    const schedule = () => {
      const jittered = wait * (0.5 + this.#host.random() / 2);
      wait = Math.min(most, wait * factor);
      stop = this.#host.startTimer(jittered, () => {
        send();
        schedule();
      });
    };
    schedule();
    return () => stop();
  }
}

function timeoutError(what: string, why: string): RpcError {
  return new RpcError(ErrorCode.timeout, `${what}: ${why}`);
}
