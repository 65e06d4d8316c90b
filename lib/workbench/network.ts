/**
 * The simulated network between nodes, services and clients.
 *
 * As in Maelstrom, messages to and from clients take no time and all others one draw of the latency
 * distribution. Each receiver is serial: it takes the message that is due first, asks the rules
 * whether it may arrive, waits until it is due, and only then takes the next. A client's request can
 * so wait behind a delayed message (head-of-line wait), which adds up to one latency to what clients
 * see; `serial: false` delivers each message when it is due instead.
 *
 * Invariant: messages of one receiver that are due at the same time arrive in the order in which
 * they were sent.
 *
 * @module
 */

import { Heap, type Random } from "../base/mod.ts";
import { involvesClient, isClientId, type RawMessage } from "../wire/mod.ts";
import type { TestOptions } from "../workload/mod.ts";
import { type Clock, nanoseconds } from "./clock.ts";
import type { Journal } from "./journal.ts";
import { sampleLatency } from "./latency.ts";
import type { NetworkRule } from "./rule.ts";

/** A message on its way. */
export interface Envelope {
  /** The network's own number of the message, from 0. */
  readonly id: number;
  readonly message: RawMessage;
  /** When it arrives at the earliest, in milliseconds since the test began. */
  readonly dueMs: number;
  /** The order among messages that are due at the same time. */
  readonly sequence: number;
}

/** Takes a message that arrived; the receiver's next one waits for the promise, if there is one. */
export type Deliver = (message: RawMessage) => void | Promise<void>;

/** Thrown for a message whose sender or receiver does not exist. */
export class UndeliverableError extends Error {
  override readonly name = "UndeliverableError";
}

/** What a network is made of. */
export interface NetworkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly latency: TestOptions["latency"];
  readonly journal: Journal;
  /** Whether receivers are serial, as Maelstrom's are; true when not given. */
  readonly serial?: boolean;
}

/** The network. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #rules = new Set<NetworkRule>();
  #nextId = 0;
  #nextSequence = 0;
  #nextClient = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** Adds a receiver. Messages to it are given to `deliver`. */
  add(id: string, deliver: Deliver): void {
    this.#inboxes.set(id, new Inbox(this.#parts, this.#rules, deliver));
  }

  /** Adds a client and returns its id: c0, c1, … */
  addClient(deliver: Deliver): string {
    const id = `c${this.#nextClient++}`;
    this.add(id, deliver);
    return id;
  }

  /** Removes a receiver; what was on its way to it is lost. */
  remove(id: string): void {
    this.#inboxes.get(id)?.close();
    this.#inboxes.delete(id);
  }

  /** Puts a rule in force. */
  addRule(rule: NetworkRule): void {
    this.#rules.add(rule);
  }

  /** Takes a rule out of force. */
  removeRule(rule: NetworkRule): void {
    this.#rules.delete(rule);
  }

  /**
   * Takes a message on its way. Throws an {@link UndeliverableError} when its sender or receiver
   * does not exist; a message to a client that has gone is dropped quietly, since a reply may come
   * late.
   */
  send(message: RawMessage): void {
    if (!this.#inboxes.has(message.src)) {
      throw new UndeliverableError(`there is no '${message.src}' that it could be from`);
    }
    const inbox = this.#inboxes.get(message.dest);
    if (inbox === undefined) {
      if (this.#isFormerClient(message.dest)) return;
      throw new UndeliverableError(`there is no '${message.dest}' that it could go to`);
    }
    const { clock, journal, latency, random } = this.#parts;
    const id = this.#nextId++;
    journal({ type: "send", time: nanoseconds(clock), id, message });
    const delay = involvesClient(message) ? 0 : sampleLatency(latency, random);
    this.#route(inbox, id, message, clock.now() + delay);
  }

  #route(inbox: Inbox, id: number, message: RawMessage, dueMs: number): void {
    const envelope = { id, message, dueMs, sequence: this.#nextSequence++ };
    const copies: number[] = [];
    let held = 0;
    for (const rule of this.#rules) {
      const ruling = rule.onSend?.(envelope);
      if (ruling === undefined || ruling.kind === "pass") continue;
      if (ruling.kind === "drop") return;
      if (ruling.kind === "delay") held += ruling.milliseconds;
      else copies.push(ruling.milliseconds);
    }
    this.#putLater(inbox, envelope, held);
    for (const later of copies) {
      this.#putLater(inbox, { ...envelope, sequence: this.#nextSequence++ }, held + later);
    }
  }

  /** A message that a fault delays is held outside its receiver's queue: others do not wait for it. */
  #putLater(inbox: Inbox, envelope: Envelope, held: number): void {
    if (held === 0) return inbox.put(envelope);
    this.#parts.clock.after(held, () => inbox.put({ ...envelope, dueMs: envelope.dueMs + held }));
  }

  #isFormerClient(id: string): boolean {
    return isClientId(id) && Number(id.slice(1)) < this.#nextClient;
  }
}

/** The messages on their way to one receiver. */
class Inbox {
  readonly #parts: NetworkParts;
  readonly #rules: ReadonlySet<NetworkRule>;
  readonly #deliver: Deliver;
  readonly #queue = new Heap<Envelope>((a, b) =>
    a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence)
  );
  #busy = false;
  #closed = false;

  constructor(parts: NetworkParts, rules: ReadonlySet<NetworkRule>, deliver: Deliver) {
    this.#parts = parts;
    this.#rules = rules;
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
        if (!this.#closed && this.#mayArrive(envelope)) this.#arrive(envelope);
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
      const taken = envelope;
      if (!this.#mayArrive(taken)) continue;
      this.#busy = true;
      clock.after(Math.max(0, taken.dueMs - clock.now()), () => {
        if (this.#closed) return;
        const accepted = this.#arrive(taken);
        if (accepted instanceof Promise) accepted.then(() => this.#takeNext());
        else this.#takeNext();
      });
      return;
    }
  }

  #mayArrive(envelope: Envelope): boolean {
    for (const rule of this.#rules) {
      if (rule.mayDeliver?.(envelope) === false) return false;
    }
    return true;
  }

  #arrive({ id, message }: Envelope): void | Promise<void> {
    const { clock, journal } = this.#parts;
    journal({ type: "recv", time: nanoseconds(clock), id, message });
    return this.#deliver(message);
  }
}
