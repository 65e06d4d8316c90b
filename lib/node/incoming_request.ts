/**
 * A message as its handler receives it: with a deadline and an AbortSignal.
 *
 * @module
 */

import { type Body, ErrorCode, isClientId, type Message, RpcError } from "../wire/mod.ts";
import { REQUEST_DEADLINE_MS } from "./deadline.ts";

/**
 * A message, and how long its handler may work on it.
 *
 * A client's request expires {@link REQUEST_DEADLINE_MS} after it arrived. Pass its signal on to
 * calls, so that they end with it. Messages of nodes do not expire.
 *
 * ```ts ignore
 * node.on("read", async ({ key }, { signal }) => {
 *   return { type: "read_ok", value: await node.kv.lin.read(key, { signal }) };
 * });
 * ```
 */
export class IncomingRequest implements Message {
  /** The sender's id: a client's or another node's. */
  readonly src: string;
  /** The id of this node. */
  readonly dest: string;
  /** The body with all its fields, also those that its schema does not name. */
  readonly body: Body;
  /** Whether {@link Node.reply} has replied to the request. The library sets it. */
  isAnswered = false;
  readonly #monotonic: () => number;
  #deadline: number | undefined;
  #aborter: AbortController | undefined;
  #isExpired = false;

  /** Wraps a message that arrives now, by the clock `monotonic`. */
  constructor({ src, dest, body }: Message, monotonic: () => number) {
    this.src = src;
    this.dest = dest;
    this.body = body;
    this.#monotonic = monotonic;
  }

  /** Whether the request comes from a client, and so expires. */
  get isFromClient(): boolean {
    return isClientId(this.src);
  }

  /**
   * The time, by `node.monotonic()`, at which the request expires; Infinity for a message of a
   * node.
   */
  get deadline(): number {
    // The first read is in the handler's synchronous part, so the clock still shows the arrival.
    // Most handlers never read the deadline, and most messages so save a call to the clock.
    return this.#deadline ??= this.isFromClient
      ? this.#monotonic() + REQUEST_DEADLINE_MS
      : Infinity;
  }

  /** Aborts with an `RpcError` of code 0 (timeout) at {@link IncomingRequest.deadline}. */
  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#isExpired) this.#abort();
    return this.#aborter.signal;
  }

  /** Aborts the signal. The library calls it at the deadline. */
  expire(): void {
    this.#isExpired = true;
    this.#abort();
  }

  #abort(): void {
    const text = `no reply within ${REQUEST_DEADLINE_MS} ms`;
    this.#aborter?.abort(new RpcError(ErrorCode.timeout, text));
  }
}
