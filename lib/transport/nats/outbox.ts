/**
 * The messages of a node that its connection cannot take yet: a bounded queue for each receiver.
 *
 * NATS's client buffers all published messages without a bound, and forgets them when the connection
 * breaks. So the outbox hands a message over only while the connection is up and the server has
 * confirmed most of the earlier ones; other messages wait. When a receiver's queue is full, a message
 * is dropped and counted. Protocols expect that a network loses messages.
 *
 * Invariant: at most {@link MAX_UNCONFIRMED_BYTES} and one message are handed over and not confirmed.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";

/** With this many bytes handed over and not confirmed, messages wait. */
const MAX_UNCONFIRMED_BYTES = 4 * 1024 * 1024;
/** After this many bytes the server is asked to confirm. */
const CONFIRM_BYTES = 512 * 1024;

/** Which message is dropped when a receiver's queue is full. */
export const OUTBOX_DROPS = ["oldest", "newest"] as const;

/** The settings and the environment of an outbox. */
export interface OutboxParts {
  /** Hands a message over to the connection. */
  publish(subject: string, payload: Uint8Array): void;
  /** Resolves when the server has received everything published before; rejects on a disconnect. */
  confirm(): Promise<void>;
  /** The longest queue for one receiver. */
  readonly maxMessages: number;
  /** The most bytes that wait for one receiver. */
  readonly maxBytes: number;
  /** Which message is dropped when a queue is full. */
  readonly drops: typeof OUTBOX_DROPS[number];
}

/** The messages that wait for one receiver, from `first` on. */
interface Queue {
  readonly messages: { readonly subject: string; readonly payload: Uint8Array }[];
  first: number;
  bytes: number;
}

/** The bounded queues of one node. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #queues = new Map<string, Queue>();
  #isConnected = true;
  #unconfirmedBytes = 0;
  #isConfirming = false;
  #dropped = 0;
  #waiting = 0;
  #idle: (() => void)[] = [];

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** The number of dropped messages. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The number of messages that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Sends a message, now or later. */
  push(receiver: string, subject: string, payload: Uint8Array): void {
    if (this.#waiting === 0 && this.#mayPublish()) return this.#publish(subject, payload);
    this.#enqueue(receiver, subject, payload);
  }

  /** Sets whether the connection is up. While it is down, messages wait. */
  setConnected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    // What a broken connection has not confirmed is either delivered or lost.
    this.#unconfirmedBytes = 0;
    this.#sendWaiting();
  }

  /** Resolves when no message waits. */
  drained(): Promise<void> {
    if (this.#waiting === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#idle.push(resolve));
  }

  #mayPublish(): boolean {
    return this.#isConnected && this.#unconfirmedBytes < MAX_UNCONFIRMED_BYTES;
  }

  #publish(subject: string, payload: Uint8Array): void {
    this.#parts.publish(subject, payload);
    this.#unconfirmedBytes += payload.length;
    if (this.#unconfirmedBytes >= CONFIRM_BYTES && !this.#isConfirming) this.#confirm();
  }

  async #confirm(): Promise<void> {
    this.#isConfirming = true;
    const bytes = this.#unconfirmedBytes;
    try {
      await this.#parts.confirm();
      this.#unconfirmedBytes = Math.max(0, this.#unconfirmedBytes - bytes);
    } catch {
      // The connection broke, which `setConnected` reports.
    }
    this.#isConfirming = false;
    this.#sendWaiting();
  }

  #enqueue(receiver: string, subject: string, payload: Uint8Array): void {
    let queue = this.#queues.get(receiver);
    if (queue === undefined) {
      this.#queues.set(receiver, queue = { messages: [], first: 0, bytes: 0 });
    }
    const { maxMessages, maxBytes, drops } = this.#parts;
    const isFull = ({ messages, first, bytes }: Queue) =>
      messages.length - first >= maxMessages || bytes + payload.length > maxBytes;
    if (payload.length > maxBytes || (isFull(queue) && drops === "newest")) {
      this.#dropped++;
      return;
    }
    while (isFull(queue)) {
      this.#take(queue);
      this.#dropped++;
    }
    queue.messages.push({ subject, payload });
    queue.bytes += payload.length;
    this.#waiting++;
    invariant(queue.bytes <= maxBytes, "a receiver's queue is bounded");
  }

  #take(queue: Queue): Queue["messages"][number] {
    const message = queue.messages[queue.first++] as Queue["messages"][number];
    queue.bytes -= message.payload.length;
    this.#waiting--;
    if (queue.first * 2 > queue.messages.length) {
      queue.messages.splice(0, queue.first);
      queue.first = 0;
    }
    return message;
  }

  /** Sends one message of each receiver in turn, so that a long queue does not delay others. */
  #sendWaiting(): void {
    while (this.#waiting > 0 && this.#mayPublish()) {
      for (const [receiver, queue] of this.#queues) {
        if (queue.messages.length === queue.first) this.#queues.delete(receiver);
        else if (this.#mayPublish()) {
          const { subject, payload } = this.#take(queue);
          this.#publish(subject, payload);
        }
      }
    }
    if (this.#waiting > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
