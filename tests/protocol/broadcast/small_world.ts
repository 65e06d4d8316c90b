/**
 * A world of state machines: messages take time and meet faults, machines are woken when they are
 * due, and everything follows from a seed. A few hundred lines less than the simulation engine, for
 * tests that look into machines between events.
 *
 * After each event it checks the machines' invariant that nothing is due in the past.
 *
 * @module
 */

import {
  canonicalJson,
  Heap,
  invariant,
  type Json,
  parseJson,
  Random,
  stringifyJson,
} from "../../../lib/base/mod.ts";
import type { Identity, Machine, Outbox } from "../../../lib/protocol/broadcast/mod.ts";
import type { Body } from "../../../lib/wire/mod.ts";

/** What the network does to a message. */
export interface Weather {
  /** Whether it is dropped, when it arrives. */
  drops?(from: string, to: string): boolean;
  /** The probability that it is lost. */
  readonly loss?: number;
  /** The probability that it comes twice. */
  readonly duplicates?: number;
  /** It takes up to so many milliseconds longer, at random. */
  readonly reorder?: number;
}

/** A message that was sent. */
export interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly body: Body;
}

interface Event {
  readonly at: number;
  readonly sequence: number;
  run(): void;
}

/** How a world begins. */
export interface WorldOptions {
  readonly nodes: number;
  /** Milliseconds that a message takes. */
  readonly latency?: number;
  readonly seed?: string | number;
  create(self: Identity): Machine;
}

/** A world. */
export class SmallWorld {
  readonly nodes: readonly string[];
  /** Everything that was sent, oldest first. */
  readonly sent: Sent[] = [];
  /** Rare paths that were taken. */
  readonly marks = new Set<string>();
  weather: Weather = {};
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #machines = new Map<string, Machine>();
  readonly #lives = new Map<string, number>();
  readonly #paused = new Map<string, (() => void)[]>();
  readonly #events = new Heap<Event>((a, b) =>
    a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
  );
  #now = 0;
  #sequence = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new Random(options.seed ?? 1);
    this.nodes = Array.from({ length: options.nodes }, (_, index) => `n${index}`);
    for (const node of this.nodes) this.restart(node);
  }

  /** Milliseconds since it began. */
  get now(): number {
    return this.#now;
  }

  /** The machine of a node. */
  machine(node: string): Machine {
    return this.#machines.get(node) as Machine;
  }

  /** What a node would answer to a read, as text, sorted. */
  known(node: string): string[] {
    return this.machine(node).values.map((value) => canonicalJson(value)).sort();
  }

  /** Whether all nodes know the same, and so many values if a number is given. */
  agrees(count?: number): boolean {
    const [first, ...others] = this.nodes.map((node) => this.known(node));
    invariant(first !== undefined, "a world has nodes");
    return (count === undefined || first.length === count) &&
      others.every((other) => other.join() === first.join());
  }

  /** A client tells a node a value. */
  broadcast(node: string, value: Json): void {
    this.#happen(node, (machine, out) => machine.broadcast(value, this.#now, out));
  }

  /** Starts a node anew, without memory. */
  restart(node: string): void {
    const life = (this.#lives.get(node) ?? 0) + 1;
    this.#lives.set(node, life);
    this.#paused.delete(node);
    this.#machines.set(
      node,
      this.#options.create({
        id: node,
        nodes: this.nodes,
        incarnation: `life${life}`,
        random: () => this.#random.next(),
      }),
    );
    this.#happen(node, (machine, out) => machine.start(this.#now, out));
  }

  /** Stops a node for a while: what happens to it is kept for later. */
  pause(node: string): void {
    this.#paused.set(node, []);
  }

  /** Lets it go on. */
  resume(node: string): void {
    const held = this.#paused.get(node) ?? [];
    this.#paused.delete(node);
    for (const event of held) event();
  }

  /** Runs something at a time from now. */
  after(milliseconds: number, run: () => void): void {
    this.#events.push({ at: this.#now + milliseconds, sequence: this.#sequence++, run });
  }

  /** Lets time pass. */
  run(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#events.peek(); next !== undefined && next.at <= end;) {
      this.#events.pop();
      this.#now = next.at;
      next.run();
      next = this.#events.peek();
    }
    this.#now = end;
  }

  /** Lets time pass until all nodes agree; returns how long that took, or `most` if they do not. */
  converge(most: number, step = 10): number {
    const begin = this.#now;
    while (!this.agrees() && this.#now - begin < most) this.run(step);
    return this.#now - begin;
  }

  /** How many messages are sent in so many milliseconds. */
  countSent(milliseconds: number): number {
    const before = this.sent.length;
    this.run(milliseconds);
    return this.sent.length - before;
  }

  #happen(node: string, event: (machine: Machine, out: Outbox) => void): void {
    const held = this.#paused.get(node);
    if (held !== undefined) return void held.push(() => this.#happen(node, event));
    const machine = this.machine(node);
    event(machine, {
      send: (peer, body) => this.#send(node, peer, body),
      sometimes: (path) => this.marks.add(path),
    });
    const { due } = machine;
    invariant(due > this.#now, `at ${this.#now}, ${node} was left with something due at ${due}`);
    if (due < Infinity) this.#wakeAt(node, machine, due);
  }

  /** Wakes a machine, unless it has changed its mind, or is of a former life by then. */
  #wakeAt(node: string, machine: Machine, due: number): void {
    this.after(due - this.#now, () => {
      if (this.machine(node) !== machine || machine.due > this.#now) return;
      this.#happen(node, (woken, out) => woken.wake(this.#now, out));
    });
  }

  #send(from: string, to: string, body: Body): void {
    invariant(this.nodes.includes(to) && to !== from, `${from} sent a message to ${to}`);
    const text = stringifyJson(body);
    this.sent.push({ at: this.#now, from, to, body: parseJson(text) as Body });
    const { loss = 0, duplicates = 0, reorder = 0 } = this.weather;
    if (this.#random.chance(loss)) return;
    const copies = this.#random.chance(duplicates) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = (this.#options.latency ?? 0) + this.#random.next() * reorder;
      this.after(delay, () => {
        if (this.weather.drops?.(from, to) === true) return;
        this.#happen(to, (machine, out) => {
          machine.receive(from, parseJson(text) as Body, this.#now, out);
        });
      });
    }
  }
}

/** Drops what goes from one side to the other; in both directions unless told otherwise. */
export function cut(side: readonly string[], oneWay?: "in" | "out"): Weather["drops"] {
  return (from, to) => {
    const out = side.includes(from) && !side.includes(to);
    const into = !side.includes(from) && side.includes(to);
    return (out && oneWay !== "in") || (into && oneWay !== "out");
  };
}
