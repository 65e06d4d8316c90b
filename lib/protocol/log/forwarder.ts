/**
 * Sends to keys of another node, the owner: the forwarding side and the owner's side.
 *
 * **Forwarding.** Sends to one owner are batched for the linger time, as a Kafka producer does. A
 * batch has a number and is retransmitted until the owner replies.
 *
 * What a client receives when the owner does not reply: a forwarded batch may have been executed, so
 * its sends fail with error 0 (timeout). While the owner is suspected, nothing but a periodic ping is
 * sent to it. Sends that arrive meanwhile fail immediately with error 11, which is definite, because
 * they never leave this node. A batch names the incarnation of the owner that it is for. Another
 * incarnation rejects it, since it cannot know whether the batch was executed.
 *
 * **Executing.** The owner executes each batch once, however often it arrives, and every arrival gets
 * the same reply, also when that is an error. The owner keeps the outcome until the sender
 * acknowledges it: each batch carries the lowest number that its sender still awaits. A batch below
 * that number is not executed, since it may have been executed before, and its sender drops the
 * reply. RIFL (Lee et al., "Implementing Linearizability at Large Scale and Low Latency", 2015) calls
 * these completion records.
 *
 * @module
 */

import { FailureDetector, invariant } from "../../base/mod.ts";
import {
  ErrorCode,
  hasCode,
  type IncomingRequest,
  type Json,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
  schema,
} from "../../node/mod.ts";
import type { ClientRequest, MaybePromise, Send } from "./log.ts";

/** Retransmission of a request to an owner, with back-off. */
export const RETRANSMISSION = { minMs: 250, maxMs: 1000 };
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

/** The outcome of a batch: the offsets of its sends. */
export type Outcome = MaybePromise<readonly number[]>;

/** The name of a batch. */
export interface ForwardedBatch {
  /** The incarnation of the node that forwards. */
  readonly sender: string;
  /** The number of the batch, from 1. */
  readonly number: number;
  /** The lowest number whose reply the sender still awaits. */
  readonly oldest: number;
}

interface Sender {
  oldest: number;
  readonly outcomes: Map<number, Outcome>;
}

/** The outcomes of the batches of all senders. */
export class ForwardedSends {
  readonly #senders = new Map<string, Sender>();

  /**
   * Returns the outcome of a batch. Calls `execute` the first time. Returns undefined for a batch
   * whose reply the sender no longer awaits.
   */
  once(batch: ForwardedBatch, execute: () => Outcome): Outcome | undefined {
    const { sender: incarnation, number, oldest } = batch;
    const sender = this.#senders.get(incarnation) ??
      { oldest: 1, outcomes: new Map<number, Outcome>() };
    this.#senders.set(incarnation, sender);
    for (; sender.oldest < oldest; sender.oldest++) sender.outcomes.delete(sender.oldest);
    if (number < sender.oldest) return undefined;
    let outcome = sender.outcomes.get(number);
    if (outcome === undefined) {
      outcome = execute();
      invariant(!sender.outcomes.has(number), "a batch is executed once");
      sender.outcomes.set(number, outcome);
    }
    return outcome;
  }
}

/** The fields of a forwarded batch. */
const forwardFields = {
  /** The incarnation of the node that forwards. */
  sender: schema.string,
  /** The owner's incarnation that the batch is for; empty if the sender does not know it. */
  owner: schema.string,
  number: schema.natural,
  oldest: schema.natural,
  sends: schema.array(schema.tuple(schema.string, schema.json)),
};

/** Appends what a {@link Forwarder} on another node sends. Tests pass a `forwarded` with a fault. */
export function serveForwards(
  node: Node,
  append: (sends: readonly Send[], request: IncomingRequest) => Outcome,
  forwarded: Pick<ForwardedSends, "once"> = new ForwardedSends(),
): void {
  node.on("ping", () => ({ type: "ping_ok" }));
  node.on("forward", forwardFields, async ({ sends, owner, ...batch }, request) => {
    if (owner !== "" && owner !== node.incarnation) {
      throw new RpcError(
        ErrorCode.crash,
        "outcome unknown: the owner restarted after this batch was sent",
      );
    }
    const offsets = await forwarded.once(batch, () => append(sends, request));
    return offsets && { type: "forward_ok", offsets: [...offsets] };
  });
}
