/**
 * A node without a process: its surroundings are recorded, and time passes only when a test says
 * so. What the node sends is kept; a test may also give a function that answers it, as a service or
 * another node would.
 *
 * @module
 */

import { Heap, Random } from "../../lib/base/mod.ts";
import { type Host, type NodeFunction, NodeRuntime } from "../../lib/node/mod.ts";
import type { Body, Message } from "../../lib/wire/mod.ts";

interface Timer {
  readonly due: number;
  readonly sequence: number;
  readonly fn: () => void;
  cancelled: boolean;
}

/** Answers a message, other than a reply, that the node sent; undefined leaves it unanswered. */
export type Answer = (message: Message) => Body | undefined;

/** Surroundings that a test controls. */
export class FakeHost implements Host {
  /** What the node sent, oldest first. */
  readonly sent: Message[] = [];
  /** The lines of the node's log. */
  readonly logged: string[] = [];
  /** What the node's clock shows when no time has passed yet. Set it to make the clock jump. */
  startsAt = 1_700_000_000_000;
  /** Answers what the node sends. */
  answer: Answer = () => undefined;
  readonly #random: Random;
  readonly #timers = new Heap<Timer>((a, b) =>
    a.due < b.due || (a.due === b.due && a.sequence < b.sequence)
  );
  #elapsed = 0;
  #sequence = 0;
  #receive: (message: Message) => void = () => {};

  constructor(seed: string | number = 1) {
    this.#random = new Random(seed);
  }

  /** Says who gets the answers. */
  connect(receive: (message: Message) => void): void {
    this.#receive = receive;
  }

  transmit(message: Message): void {
    // What cannot be written as JSON must throw here as it does in a process.
    const copy: Message = JSON.parse(JSON.stringify(message));
    this.sent.push(copy);
    const { msg_id, in_reply_to } = copy.body;
    const body = in_reply_to === undefined ? this.answer(copy) : undefined;
    if (body === undefined) return;
    const reply = msg_id === undefined ? body : { ...body, in_reply_to: msg_id };
    queueMicrotask(() => this.#receive({ src: copy.dest, dest: copy.src, body: reply }));
  }

  startTimer(milliseconds: number, fn: () => void): () => void {
    const due = this.#elapsed + Math.max(0, milliseconds);
    const timer = { due, sequence: this.#sequence++, fn, cancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  now(): number {
    return this.startsAt + this.#elapsed;
  }

  random(): number {
    return this.#random.next();
  }

  log(line: string): void {
    this.logged.push(line);
  }

  /** Milliseconds that have passed. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** How many timers are set. */
  get timersSet(): number {
    let count = 0;
    const timers: Timer[] = [];
    for (let timer = this.#timers.pop(); timer !== undefined; timer = this.#timers.pop()) {
      timers.push(timer);
      if (!timer.cancelled) count++;
    }
    for (const timer of timers) this.#timers.push(timer);
    return count;
  }

  /** Lets time pass: fires the timers that come due, with all that follows from each. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await settled();
    for (let next = this.#timers.peek(); next !== undefined && next.due <= end;) {
      this.#timers.pop();
      this.#elapsed = next.due;
      if (!next.cancelled) {
        next.fn();
        await settled();
      }
      next = this.#timers.peek();
    }
    this.#elapsed = end;
  }

  /** What was sent since the last call. */
  takeSent(): Message[] {
    return this.sent.splice(0);
  }
}

/** How a test starts a node. */
export interface FakeNodeOptions {
  /** `n1` when not given. */
  readonly id?: string;
  /** `n1`, `n2`, `n3` when not given. */
  readonly nodes?: readonly string[];
  readonly args?: readonly string[];
  /** Whether the node gets its `init` at once; true when not given. */
  readonly init?: boolean;
  readonly seed?: string | number;
  readonly answer?: Answer;
}

/** A node and its surroundings. */
export class FakeNode {
  readonly host: FakeHost;
  readonly runtime: NodeRuntime;
  readonly id: string;
  readonly #nodes: readonly string[];
  #lastId = 0;

  constructor(program: NodeFunction, options: FakeNodeOptions = {}) {
    this.id = options.id ?? "n1";
    this.#nodes = options.nodes ?? ["n1", "n2", "n3"];
    this.host = new FakeHost(options.seed);
    if (options.answer !== undefined) this.host.answer = options.answer;
    this.runtime = new NodeRuntime(program, this.host, options.args ?? []);
    this.host.connect((message) => this.runtime.receive(message));
    if (options.init ?? true) this.init();
  }

  /** Gives the node its `init`, and takes the reply away. */
  init(): void {
    this.receive({ type: "init", node_id: this.id, node_ids: [...this.#nodes], msg_id: 0 }, "c0");
    this.host.takeSent();
  }

  /** Gives the node a message. */
  receive(body: Body, src = "c1"): void {
    this.runtime.receive({ src, dest: this.id, body });
  }

  /**
   * Sends a request, lets no time pass but what its handler needs in promises, and gives the reply's
   * body without `in_reply_to`; undefined when there is none yet.
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

/** Resolves when all promises that can settle without time passing have. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
