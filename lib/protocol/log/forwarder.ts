/**
 * Sends to keys of another node: the forwarding side.
 *
 * Sends to one owner are batched for the linger time, as a Kafka producer does. A batch has a number
 * and is retransmitted until the owner replies. The owner executes each number once (see {@link
 * ForwardedSends}).
 *
 * What a client receives when the owner does not reply: a forwarded batch may have been executed, so
 * its sends fail with error 0 (timeout). While the owner is suspected, nothing but a periodic ping is
 * sent to it. Sends that arrive meanwhile fail immediately with error 11, which is definite, because
 * they never leave this node. A batch names the incarnation of the owner that it is for. Another
 * incarnation rejects it, since it cannot know whether the batch was executed.
 *
 * @module
 */

import { FailureDetector } from "../../base/mod.ts";
import {
  ErrorCode,
  hasCode,
  type Json,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
  schema,
} from "../../node/mod.ts";
import type { ClientRequest } from "./log.ts";

/** Retransmission of a batch, with back-off. */
const RETRANSMISSION = { minMs: 250, maxMs: 1000 };
/** An owner is suspected when a batch has had no reply for this time. */
const SUSPECT_AFTER_MS = 1000;
/** Timers may fire this much early. */
const TIMER_RESOLUTION_MS = 1;
const PING_INTERVAL_MS = 300;

const replySchema = schema.object({ offsets: schema.array(schema.natural) });

interface PendingSend {
  readonly key: string;
  readonly message: Json;
  resolve(offset: number): void;
  reject(reason: unknown): void;
}

/** The settings of a {@link Forwarder}. */
export interface ForwarderSettings {
  /** The node id of the owner. */
  readonly owner: string;
  /** Milliseconds for which sends are collected into a batch. */
  readonly lingerMs: number;
  /** Returns the current incarnation of a node; empty if none is known. */
  incarnationOf(node: string): string;
}

/** Forwards sends to one owner. */
export class Forwarder {
  readonly #node: Node;
  readonly #settings: ForwarderSettings;
  readonly #failures = new FailureDetector({ timeoutMs: SUSPECT_AFTER_MS });
  #queue: PendingSend[] = [];
  #lastNumber = 0;
  /** The numbers of the batches that await a reply. */
  readonly #outstanding = new Set<number>();
  #isPinging = false;

  /** Forwards to `settings.owner`. */
  constructor(node: Node, settings: ForwarderSettings) {
    this.#node = node;
    this.#settings = settings;
  }

  /**
   * Has the owner append a message; resolves to its offset. Rejects with error 11 if the message was
   * not sent, with error 0 at the request's deadline, and with the owner's error.
   */
  send(key: string, message: Json, { signal }: ClientRequest): Promise<number> {
    if (this.#pingIfSuspected()) return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#queue.push({ key, message, resolve, reject });
      if (this.#queue.length === 1) {
        this.#node.after(this.#settings.lingerMs, () => this.#flush());
      }
    });
  }

  async #flush(): Promise<void> {
    const sends = this.#queue;
    this.#queue = [];
    if (this.#pingIfSuspected()) {
      for (const { reject } of sends) reject(this.#unavailable());
      return;
    }
    const number = ++this.#lastNumber;
    this.#outstanding.add(number);
    this.#failures.sent(this.#settings.owner, this.#node.monotonic());
    const cancel = this.#node.after(
      SUSPECT_AFTER_MS + TIMER_RESOLUTION_MS,
      () => this.#pingIfSuspected(),
    );
    try {
      const { offsets } = await this.#call(number, sends);
      this.#noteReply(number);
      for (const [index, { resolve }] of sends.entries()) resolve(offsets[index] as number);
    } catch (error) {
      if (!hasCode(error, ErrorCode.timeout)) this.#noteReply(number);
      for (const { reject } of sends) reject(error);
    } finally {
      cancel();
      this.#outstanding.delete(number);
    }
  }

  #call(number: number, sends: readonly PendingSend[]) {
    const { owner, incarnationOf } = this.#settings;
    const request = {
      type: "forward",
      sender: incarnationOf(this.#node.id),
      owner: incarnationOf(owner),
      number,
      oldest: Math.min(...this.#outstanding),
      sends: sends.map(({ key, message }): Json => [key, message]),
    };
    const options = { timeoutMs: REQUEST_DEADLINE_MS, retry: RETRANSMISSION };
    return this.#node.rpcFor(owner, request, replySchema, options);
  }

  /** Clears the suspicion of the owner. Batches that are still outstanding may raise it again. */
  #noteReply(number: number): void {
    const now = this.#node.monotonic();
    this.#failures.received(this.#settings.owner, now);
    this.#outstanding.delete(number);
    if (this.#outstanding.size > 0) this.#failures.sent(this.#settings.owner, now);
  }

  /** Starts to ping a suspected owner. Returns whether it is suspected. */
  #pingIfSuspected(): boolean {
    const isSuspected = this.#isSuspected();
    if (isSuspected && !this.#isPinging) this.#startPinging();
    return isSuspected;
  }

  #isSuspected(): boolean {
    return this.#failures.isSuspected(this.#settings.owner, this.#node.monotonic());
  }

  #startPinging(): void {
    const { owner } = this.#settings;
    this.#isPinging = true;
    this.#node.sometimes("the owner of a key was suspected");
    const stop = this.#node.every(PING_INTERVAL_MS, async () => {
      if (!this.#isSuspected()) {
        this.#isPinging = false;
        return stop();
      }
      try {
        await this.#node.rpc(owner, { type: "ping" }, { timeoutMs: SUSPECT_AFTER_MS });
        this.#failures.received(owner, this.#node.monotonic());
      } catch {
        // The next ping is sent in any case.
      }
    });
  }

  #unavailable(): RpcError {
    return new RpcError(
      ErrorCode.temporarilyUnavailable,
      `${this.#settings.owner}, the owner of the key, does not reply`,
    );
  }
}
