/**
 * A node under a test's control: no process and no network, and time passes only when the test
 * advances it.
 *
 * @module
 */

import { Heap, Random } from "../base/mod.ts";
import {
  type Host,
  type Node,
  type NodeFunction,
  type NodeProgram,
  NodeRuntime,
} from "../node/mod.ts";
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
  readonly #random: Random;
  readonly #timers = new Heap<Timer>((a, b) =>
    a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence)
  );
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

/** How a test starts a node. */
export interface FakeNodeOptions {
  /** `n1` by default. */
  readonly id?: string;
  /** `n1`, `n2`, `n3` by default. */
  readonly nodes?: readonly string[];
  /** The node's command-line arguments; none by default. */
  readonly args?: readonly string[];
  /** Whether the node receives `init` immediately; true by default. */
  readonly init?: boolean;
  /** The seed of `node.random()`. */
  readonly seed?: string | number;
  /** Answers what the node sends to services and peers; without it, no request gets a reply. */
  readonly answer?: Answer;
}

/**
 * A node on a {@link FakeHost}.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { FakeNode } from "@gossip/workbench/testing";
 *
 * const node = new FakeNode((node) => node.on("ping", () => ({ type: "ping_ok" })));
 * deepEqual(await node.ask({ type: "ping" }), { type: "ping_ok" });
 * ```
 */
export class FakeNode {
  /** The host, which keeps what the node sends and logs. */
  readonly host: FakeHost;
  /** The runtime between the host and the program. */
  readonly runtime: NodeRuntime;
  /** The node's id. */
  readonly id: string;
  readonly #nodes: readonly string[];
  #node: Node | undefined;
  #lastId = 0;

  /** Throws a `UsageError` for arguments that the program does not take. */
  constructor(program: NodeFunction, options: FakeNodeOptions = {}) {
    this.id = options.id ?? "n1";
    this.#nodes = options.nodes ?? ["n1", "n2", "n3"];
    this.host = new FakeHost(options.seed);
    if (options.answer !== undefined) this.host.answer = options.answer;
    const { start = program, ...definition } = program as NodeProgram;
    const observed = Object.assign(() => {}, definition, {
      start: (node: Node, flags: never) => start(this.#node = node, flags),
    });
    this.runtime = new NodeRuntime(observed, this.host, options.args ?? []);
    this.host.connect((message) => this.runtime.receive(message));
    if (options.init ?? true) this.init();
  }

  /** Sends `init` to the node, which starts its program, and discards what the node sends then. */
  init(): void {
    this.receive({ type: "init", node_id: this.id, node_ids: [...this.#nodes], msg_id: 0 }, "c0");
    if (this.host.failure !== undefined) throw this.host.failure;
    this.host.takeSent();
  }

  /** The {@link Node} that the program received. Throws an Error before `init`. */
  get node(): Node {
    if (this.#node === undefined) throw new Error("the program starts at init; call init() first");
    return this.#node;
  }

  /** The state that the program exposes. */
  get state(): unknown {
    return this.runtime.state;
  }

  /** Delivers a message to the node. */
  receive(body: Body, src = "c1"): void {
    this.runtime.receive({ src, dest: this.id, body });
  }

  /**
   * Sends a request and returns the reply's body without `in_reply_to`; undefined when there is no
   * reply yet. No time passes; promises that need none settle.
   */
  async ask(body: Body, src = "c1"): Promise<Body | undefined> {
    const id = ++this.#lastId;
    const before = this.host.sent.length;
    this.receive({ ...body, msg_id: id }, src);
    await settled();
    const reply = this.host.sent.slice(before).find((message) =>
      message.dest === src && message.body.in_reply_to === id
    );
    if (reply === undefined) return undefined;
    const { in_reply_to: _, ...rest } = reply.body;
    return rest as Body;
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
