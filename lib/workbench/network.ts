/**
 * The simulated network between nodes, services and clients.
 *
 * As in Maelstrom, messages to and from clients have no latency; each other message has a random
 * latency. Each receiver is serial: it takes the message with the earliest due time, applies the
 * rules to it, waits until the due time, delivers the message, and only then takes the next. So a
 * client's request can wait behind a delayed message (head-of-line blocking), which adds up to one
 * latency to an operation. With `serial: false` each message is delivered at its own due time.
 *
 * Invariant: messages to one receiver with the same due time are delivered in the order in which
 * they were sent.
 *
 * @module
 */

import { Heap, isDueBefore, type Random } from "../base/mod.ts";
import { involvesClient, isClientId, type RawMessage } from "../wire/mod.ts";
import type { TestOptions } from "../workload/mod.ts";
import { type Clock, nanoseconds } from "./clock.ts";
import type { Journal } from "./journal.ts";
import { sampleLatency } from "./latency.ts";
import type { NetworkRule } from "./rule.ts";

/** A message in flight. */
export interface Envelope {
  /** The network's number of the message, from 0. */
  readonly id: number;
  readonly message: RawMessage;
  /** The earliest delivery time, in milliseconds since the test began. */
  readonly dueMs: number;
  /** The order among messages with the same due time. */
  readonly sequence: number;
}

/** Handles a delivered message; the receiver's next message waits for the promise, if any. */
export type Deliver = (message: RawMessage) => void | Promise<void>;

/** Thrown for a message whose sender or receiver does not exist. */
export class UndeliverableError extends Error {
  override readonly name = "UndeliverableError";
}

/** A network's settings and environment. */
export interface NetworkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly latency: TestOptions["latency"];
  readonly journal: Journal;
  /** Called for a message to a client that has been removed, with the time in nanoseconds. */
  onLateMessage?(message: RawMessage, timeNs: number): void;
  /** Whether receivers are serial, as Maelstrom's are; true by default. */
  readonly serial?: boolean;
}

/** The network of one test. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #inboxes = new Map<string, Inbox>();
  /** The rules in the order in which they were added. Replaced, never changed. */
  #rules: readonly NetworkRule[] = [];
  #nextId = 0;
  #nextSequence = 0;
  #nextClient = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** Adds a receiver, whose messages go to `deliver`. */
  add(id: string, deliver: Deliver): void {
    const mayDeliver = (envelope: Envelope) => this.#mayDeliver(envelope);
    this.#inboxes.set(id, new Inbox(this.#parts, mayDeliver, deliver));
  }

  /** Adds a client and returns its id: c0, c1, … */
  addClient(deliver: Deliver): string {
    const id = `c${this.#nextClient++}`;
    this.add(id, deliver);
    return id;
  }

  /** Removes a receiver; messages in flight to it are lost. */
  remove(id: string): void {
    this.#inboxes.get(id)?.close();
    this.#inboxes.delete(id);
  }

  /** Adds a rule. */
  addRule(rule: NetworkRule): void {
    this.#rules = [...this.#rules, rule];
  }

  /** Removes a rule. */
  removeRule(rule: NetworkRule): void {
    this.#rules = this.#rules.filter((other) => other !== rule);
  }

  /**
   * Sends a message. Throws an {@link UndeliverableError} if its sender or receiver does not exist.
   * A message to a client that has been removed is dropped, since a reply may be late.
   */
  send(message: RawMessage): void {
    if (!this.#inboxes.has(message.src)) {
      throw new UndeliverableError(`unknown sender '${message.src}'`);
    }
    const inbox = this.#inboxes.get(message.dest);
    if (inbox === undefined) {
      if (this.#isFormerClient(message.dest)) {
        const { onLateMessage, clock } = this.#parts;
        return onLateMessage?.(message, nanoseconds(clock));
      }
      throw new UndeliverableError(`unknown receiver '${message.dest}'`);
    }
    const { clock, journal, latency, random } = this.#parts;
    const id = this.#nextId++;
    journal({ type: "send", time: nanoseconds(clock), id, message });
    const latencyMs = involvesClient(message) ? 0 : sampleLatency(latency, random);
    this.#route(inbox, id, message, clock.now() + latencyMs);
  }

  #route(inbox: Inbox, id: number, message: RawMessage, dueMs: number): void {
    const envelope = { id, message, dueMs, sequence: this.#nextSequence++ };
    if (this.#rules.length === 0) return inbox.put(envelope);
    const copyDelaysMs: number[] = [];
    let totalDelayMs = 0;
    for (const rule of this.#rules) {
      const action = rule.onSend?.(envelope);
      if (action === undefined || action.kind === "pass") continue;
      if (action.kind === "drop") return;
      if (action.kind === "delay") totalDelayMs += action.delayMs;
      else copyDelaysMs.push(action.delayMs);
    }
    this.#putAfter(inbox, envelope, totalDelayMs);
    for (const delayMs of copyDelaysMs) {
      const copy = { ...envelope, sequence: this.#nextSequence++ };
      this.#putAfter(inbox, copy, totalDelayMs + delayMs);
    }
  }

  /**
   * Keeps a message that a fault delays out of its receiver's queue, so that it blocks no others.
   */
  #putAfter(inbox: Inbox, envelope: Envelope, delayMs: number): void {
    if (delayMs === 0) return inbox.put(envelope);
    const delayed = { ...envelope, dueMs: envelope.dueMs + delayMs };
    this.#parts.clock.after(delayMs, () => inbox.put(delayed));
  }

  #mayDeliver(envelope: Envelope): boolean {
    for (const rule of this.#rules) {
      if (rule.mayDeliver?.(envelope) === false) return false;
    }
    return true;
  }

  #isFormerClient(id: string): boolean {
    return isClientId(id) && Number(id.slice(1)) < this.#nextClient;
  }
}

/** The messages in flight to one receiver. */
class Inbox {
  readonly #parts: NetworkParts;
  readonly #mayDeliver: (envelope: Envelope) => boolean;
  readonly #deliver: Deliver;
  readonly #queue = new Heap<Envelope>(isDueBefore);
  #busy = false;
  #closed = false;

  constructor(
    parts: NetworkParts,
    mayDeliver: (envelope: Envelope) => boolean,
    deliver: Deliver,
  ) {
    this.#parts = parts;
    this.#mayDeliver = mayDeliver;
    this.#deliver = deliver;
  }

  put(envelope: Envelope): void {
    const { clock, serial = true } = this.#parts;
    if (this.#closed) return;
    if (serial) {
      this.#queue.push(envelope);
      if (!this.#busy) this.#takeNext();
    } else {
      clock.after(Math.max(0, envelope.dueMs - clock.now()), () => {
        if (!this.#closed && this.#mayDeliver(envelope)) this.#receive(envelope);
      });
    }
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
  }

  #takeNext(): void {
    this.#busy = false;
    const { clock } = this.#parts;
    for (let envelope = this.#queue.pop(); envelope !== undefined; envelope = this.#queue.pop()) {
      const next = envelope;
      if (!this.#mayDeliver(next)) continue;
      this.#busy = true;
      clock.after(Math.max(0, next.dueMs - clock.now()), () => {
        if (this.#closed) return;
        const handled = this.#receive(next);
        if (handled instanceof Promise) handled.then(() => this.#takeNext());
        else this.#takeNext();
      });
      return;
    }
  }

  #receive({ id, message }: Envelope): void | Promise<void> {
    const { clock, journal } = this.#parts;
    journal({ type: "recv", time: nanoseconds(clock), id, message });
    return this.#deliver(message);
  }
}
