/**
 * The environment of a node under a test's control: no process and no network, and time passes only
 * when the test advances it.
 *
 * @module
 */

import { Heap, isDueBefore, Random } from "../base/mod.ts";
import type { Host, Storage } from "../node/mod.ts";
import type { Body, Message } from "../wire/mod.ts";

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly fn: () => void;
  cancelled: boolean;
}

/** Replies to a request or message that the node sent; undefined leaves it without a reply. */
export type Answer = (message: Message) => Body | undefined;

/**
 * A {@link Host} that records what its node does, and whose time a test advances.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { FakeNode } from "@gossip/workbench/testing";
 *
 * const { host } = new FakeNode((node) => {
 *   node.every(100, () => node.send("n2", { type: "tick" }));
 * });
 * await host.advance(250);
 * deepEqual(host.takeSent().length, 2);
 * ```
 */
export class FakeHost implements Host {
  /** The messages that the node sent, oldest first. */
  readonly sent: Message[] = [];
  /** The lines of the node's log. */
  readonly logged: string[] = [];
  /** The marks that the node reached (`node.sometimes`), each once. */
  readonly reached: Set<string> = new Set();
  /** The error with which the node ended, if its program threw or violated an invariant. */
  failure: unknown;
  /** The node's wall clock at the start. Set it to let the wall clock jump. */
  startsAtMs = 1_700_000_000_000;
  /** Replies to what the node sends. */
  answer: Answer = () => undefined;
  /** Opens the node's disk. */
  openStorage: () => Storage = () => {
    throw new Error("a FakeHost has no disk; use a FakeNode");
  };
  readonly #random: Random;
  readonly #timers = new Heap<Timer>(isDueBefore);
  #elapsedMs = 0;
  #sequence = 0;
  #receive: (message: Message) => void = () => {};

  /** The node's random numbers follow from `seed`. */
  constructor(seed: string | number = 1) {
    this.#random = new Random(seed);
  }

  /** Sets the receiver of the answers. */
  connect(receive: (message: Message) => void): void {
    this.#receive = receive;
  }

  transmit(message: Message): void {
    // A value that cannot be written as JSON must throw here as it does in a process.
    const copy: Message = JSON.parse(JSON.stringify(message));
    this.sent.push(copy);
    const { msg_id, in_reply_to } = copy.body;
    const body = in_reply_to === undefined ? this.answer(copy) : undefined;
    if (body === undefined) return;
    const reply = msg_id === undefined ? body : { ...body, in_reply_to: msg_id };
    queueMicrotask(() => this.#receive({ src: copy.dest, dest: copy.src, body: reply }));
  }

  startTimer(delayMs: number, fn: () => void): () => void {
    const dueMs = this.#elapsedMs + Math.max(0, delayMs);
    const timer = { dueMs, sequence: this.#sequence++, fn, cancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  now(): number {
    return this.startsAtMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  random(): number {
    return this.#random.next();
  }

  log(line: string): void {
    this.logged.push(line);
  }

  sometimes(text: string): void {
    this.reached.add(text);
  }

  fail(error: unknown): void {
    this.failure ??= error;
  }

  /** Milliseconds that have passed. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** The number of pending timers. */
  get pendingTimers(): number {
    let count = 0;
    const timers: Timer[] = [];
    for (let timer = this.#timers.pop(); timer !== undefined; timer = this.#timers.pop()) {
      timers.push(timer);
      if (!timer.cancelled) count++;
    }
    for (const timer of timers) this.#timers.push(timer);
    return count;
  }

  /** Lets time pass: fires the timers that expire, and lets all promises settle after each. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    await settled();
    for (let next = this.#timers.peek(); next !== undefined && next.dueMs <= endMs;) {
      this.#timers.pop();
      this.#elapsedMs = next.dueMs;
      if (!next.cancelled) {
        next.fn();
        await settled();
      }
      next = this.#timers.peek();
    }
    this.#elapsedMs = endMs;
  }

  /** Returns the messages sent since the last call. */
  takeSent(): Message[] {
    return this.sent.splice(0);
  }
}

/**
 * Resolves when all promises that can settle without time passing have settled.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { FakeNode, settled } from "@gossip/workbench/testing";
 *
 * const node = new FakeNode((node) => node.on("ping", async () => ({ type: "ping_ok" })));
 * node.receive({ type: "ping", msg_id: 1 });
 * await settled();
 * deepEqual(node.host.sent[0]?.body, { type: "ping_ok", in_reply_to: 1 });
 * ```
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
