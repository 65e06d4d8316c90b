/**
 * A simulated cluster of broadcast strategies without nodes: messages have latency and meet faults,
 * strategies get a `tick` at their deadlines, and a seed determines everything. It is much smaller
 * than the simulation engine, for tests that inspect strategies between events.
 *
 * After each event it asserts the strategies' invariant that every deadline is in the future.
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

/** What the network does to messages. */
export interface NetworkConditions {
  /** Returns whether a message is dropped on arrival. */
  drops?(from: string, to: string): boolean;
  /** The probability that a message is lost. */
  readonly loss?: number;
  /** The probability that a message arrives twice. */
  readonly duplication?: number;
  /** The upper bound of a random additional delay, in milliseconds. */
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

/** The initial state of a {@link StrategyCluster}. */
export interface ClusterOptions {
  readonly nodes: number;
  /** The time that a message takes, in milliseconds; 0 by default. */
  readonly latencyMs?: number;
  readonly seed?: string | number;
  create(self: LocalNode): Strategy;
}

/** A simulated cluster. */
export class StrategyCluster {
  readonly nodes: readonly string[];
  /** All messages that were sent, oldest first. */
  readonly sent: Sent[] = [];
  /** The marks of the rare paths that were reached. */
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

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** Returns the strategy of a node. */
  strategy(node: string): Strategy {
    return this.#strategies.get(node) as Strategy;
  }

  /** Returns the values that a node would return from a read, as sorted texts. */
  valuesOf(node: string): string[] {
    return this.strategy(node).values.map((value) => canonicalJson(value)).sort();
  }

  /** Returns whether all nodes have the same values, and `count` of them if it is given. */
  agrees(count?: number): boolean {
    const [first, ...others] = this.nodes.map((node) => this.valuesOf(node));
    invariant(first !== undefined, "a cluster has nodes");
    return (count === undefined || first.length === count) &&
      others.every((other) => other.join() === first.join());
  }

  /** Sends a value of a client to a node. */
  broadcast(node: string, value: Json): void {
    this.#deliver(node, (strategy, out) => strategy.broadcast(value, this.#now, out));
  }

  /** Restarts a node in a new incarnation, without memory. */
  restart(node: string): void {
    const incarnation = (this.#incarnations.get(node) ?? 0) + 1;
    this.#incarnations.set(node, incarnation);
    this.#paused.delete(node);
    this.#strategies.set(
      node,
      this.#options.create({
        id: node,
        nodes: this.nodes,
        incarnation: `inc${incarnation}`,
        random: () => this.#random.next(),
      }),
    );
    this.#deliver(node, (strategy, out) => strategy.start(this.#now, out));
  }

  /** Pauses a node: its events are queued. */
  pause(node: string): void {
    this.#paused.set(node, []);
  }

  /** Resumes a node and runs its queued events. */
  resume(node: string): void {
    const queued = this.#paused.get(node) ?? [];
    this.#paused.delete(node);
    for (const event of queued) event();
  }

  /** Runs a function after `delayMs` milliseconds. */
  after(delayMs: number, run: () => void): void {
    this.#events.push({ at: this.#now + delayMs, sequence: this.#sequence++, run });
  }

  /** Advances the time. */
  run(durationMs: number): void {
    const end = this.#now + durationMs;
    for (let next = this.#events.peek(); next !== undefined && next.at <= end;) {
      this.#events.pop();
      this.#now = next.at;
      next.run();
      next = this.#events.peek();
    }
    this.#now = end;
  }

  /** Advances the time until all nodes agree; returns the elapsed time, or `maxMs` if they do not. */
  converge(maxMs: number, stepMs = 10): number {
    const begin = this.#now;
    while (!this.agrees() && this.#now - begin < maxMs) this.run(stepMs);
    return this.#now - begin;
  }

  /** Advances the time; returns the number of messages sent meanwhile. */
  countSent(durationMs: number): number {
    const before = this.sent.length;
    this.run(durationMs);
    return this.sent.length - before;
  }

  #deliver(node: string, event: (strategy: Strategy, out: Outbox) => void): void {
    const queued = this.#paused.get(node);
    if (queued !== undefined) return void queued.push(() => this.#deliver(node, event));
    const strategy = this.strategy(node);
    event(strategy, {
      send: (peer, body) => this.#send(node, peer, body),
      sometimes: (path) => this.marks.add(path),
    });
    const { nextDeadline } = strategy;
    const isFuture = nextDeadline > this.#now;
    invariant(isFuture, `at ${this.#now}, the next deadline of ${node} was ${nextDeadline}`);
    if (nextDeadline < Infinity) this.#tickAt(node, strategy, nextDeadline);
  }

  /** Schedules a tick, which does nothing if the deadline moves or the node restarts before. */
  #tickAt(node: string, strategy: Strategy, deadline: number): void {
    this.after(deadline - this.#now, () => {
      if (this.strategy(node) !== strategy || strategy.nextDeadline > this.#now) return;
      this.#deliver(node, (current, out) => current.tick(this.#now, out));
    });
  }

  #send(from: string, to: string, body: Body): void {
    invariant(this.nodes.includes(to) && to !== from, `${from} sent a message to ${to}`);
    const text = stringifyJson(body);
    this.sent.push({ at: this.#now, from, to, body: parseJson(text) as Body });
    const { loss = 0, duplication = 0, maxExtraDelayMs = 0 } = this.network;
    if (this.#random.chance(loss)) return;
    const copies = this.#random.chance(duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = (this.#options.latencyMs ?? 0) + this.#random.next() * maxExtraDelayMs;
      this.after(delayMs, () => {
        if (this.network.drops?.(from, to) === true) return;
        this.#deliver(to, (strategy, out) => {
          strategy.receive(from, parseJson(text) as Body, this.#now, out);
        });
      });
    }
  }
}

/** Partitions one side from the other nodes, in both directions or in one. */
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
