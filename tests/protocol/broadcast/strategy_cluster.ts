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
import type { LocalNode, Outbox, Strategy } from "../../../lib/protocol/broadcast/mod.ts";
import type { Body } from "../../../lib/wire/mod.ts";

/** What the network does to a message. */
export interface NetworkConditions {
  /** Whether it is dropped, when it arrives. */
  drops?(from: string, to: string): boolean;
  /** The probability that it is lost. */
  readonly loss?: number;
  /** The probability that it comes twice. */
  readonly duplication?: number;
  /** It takes up to so many milliseconds longer, at random. */
  readonly maxExtraDelayMs?: number;
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
export interface ClusterOptions {
  readonly nodes: number;
  /** Milliseconds that a message takes. */
  readonly latencyMs?: number;
  readonly seed?: string | number;
  create(self: LocalNode): Strategy;
}

/** A world. */
export class StrategyCluster {
  readonly nodes: readonly string[];
  /** Everything that was sent, oldest first. */
  readonly sent: Sent[] = [];
  /** Rare paths that were taken. */
  readonly marks = new Set<string>();
  network: NetworkConditions = {};
  readonly #options: ClusterOptions;
  readonly #random: Random;
  readonly #strategies = new Map<string, Strategy>();
  readonly #incarnations = new Map<string, number>();
  readonly #paused = new Map<string, (() => void)[]>();
  readonly #events = new Heap<Event>((a, b) =>
    a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
  );
  #now = 0;
  #sequence = 0;

  constructor(options: ClusterOptions) {
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
  strategy(node: string): Strategy {
    return this.#strategies.get(node) as Strategy;
  }

  /** What a node would answer to a read, as text, sorted. */
  valuesOf(node: string): string[] {
    return this.strategy(node).values.map((value) => canonicalJson(value)).sort();
  }

  /** Whether all nodes know the same, and so many values if a number is given. */
  agrees(count?: number): boolean {
    const [first, ...others] = this.nodes.map((node) => this.valuesOf(node));
    invariant(first !== undefined, "a world has nodes");
    return (count === undefined || first.length === count) &&
      others.every((other) => other.join() === first.join());
  }

  /** A client tells a node a value. */
  broadcast(node: string, value: Json): void {
    this.#deliver(node, (machine, out) => machine.broadcast(value, this.#now, out));
  }

  /** Starts a node anew, without memory. */
  restart(node: string): void {
    const life = (this.#incarnations.get(node) ?? 0) + 1;
    this.#incarnations.set(node, life);
    this.#paused.delete(node);
    this.#strategies.set(
      node,
      this.#options.create({
        id: node,
        nodes: this.nodes,
        incarnation: `life${life}`,
        random: () => this.#random.next(),
      }),
    );
    this.#deliver(node, (machine, out) => machine.start(this.#now, out));
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
  converge(maxMs: number, step = 10): number {
    const begin = this.#now;
    while (!this.agrees() && this.#now - begin < maxMs) this.run(step);
    return this.#now - begin;
  }

  /** How many messages are sent in so many milliseconds. */
  countSent(milliseconds: number): number {
    const before = this.sent.length;
    this.run(milliseconds);
    return this.sent.length - before;
  }

  #deliver(node: string, event: (machine: Strategy, out: Outbox) => void): void {
    const held = this.#paused.get(node);
    if (held !== undefined) return void held.push(() => this.#deliver(node, event));
    const machine = this.strategy(node);
    event(machine, {
      send: (peer, body) => this.#send(node, peer, body),
      sometimes: (path) => this.marks.add(path),
    });
    const { nextDeadline: due } = machine;
    invariant(due > this.#now, `at ${this.#now}, ${node} was left with something due at ${due}`);
    if (due < Infinity) this.#tickAt(node, machine, due);
  }

  /** Wakes a machine, unless it has changed its mind, or is of a former life by then. */
  #tickAt(node: string, machine: Strategy, due: number): void {
    this.after(due - this.#now, () => {
      if (this.strategy(node) !== machine || machine.nextDeadline > this.#now) return;
      this.#deliver(node, (woken, out) => woken.tick(this.#now, out));
    });
  }

  #send(from: string, to: string, body: Body): void {
    invariant(this.nodes.includes(to) && to !== from, `${from} sent a message to ${to}`);
    const text = stringifyJson(body);
    this.sent.push({ at: this.#now, from, to, body: parseJson(text) as Body });
    const { loss = 0, duplication: duplicates = 0, maxExtraDelayMs: reorder = 0 } = this.network;
    if (this.#random.chance(loss)) return;
    const copies = this.#random.chance(duplicates) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = (this.#options.latencyMs ?? 0) + this.#random.next() * reorder;
      this.after(delay, () => {
        if (this.network.drops?.(from, to) === true) return;
        this.#deliver(to, (machine, out) => {
          machine.receive(from, parseJson(text) as Body, this.#now, out);
        });
      });
    }
  }
}

/** Drops what goes from one side to the other; in both directions unless told otherwise. */
export function partition(
  side: readonly string[],
  oneWay?: "in" | "out",
): NetworkConditions["drops"] {
  return (from, to) => {
    const out = side.includes(from) && !side.includes(to);
    const into = !side.includes(from) && side.includes(to);
    return (out && oneWay !== "in") || (into && oneWay !== "out");
  };
}
