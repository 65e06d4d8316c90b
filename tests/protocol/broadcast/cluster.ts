/**
 * A small simulated cluster of node programs: messages have latency and meet faults, time passes when a
 * test lets it, and a seed determines everything. It is much smaller than the simulation engine, for
 * tests that inspect nodes and messages between events.
 *
 * @module
 */

import {
  canonicalJson,
  Heap,
  invariant,
  isDueBefore,
  type Json,
  parseJson,
  Random,
  stringifyJson,
} from "../../../lib/base/mod.ts";
import { type Host, NodeRuntime } from "../../../lib/node/mod.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import { topologyOf } from "../../../lib/workload/mod.ts";
import broadcast from "../../../nodes/broadcast.ts";

/** The strategies that lose no values, with their arguments. */
export const STRATEGIES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ["hub", "mesh", "retry", "batch", "tree", "plumtree"].map((name) => [name, ["--strategy", name]]),
);

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

/** A message that was sent between nodes. */
export interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly body: Body;
}

interface Event {
  readonly dueMs: number;
  readonly sequence: number;
  run(): void;
}

/** The initial state of a {@link Cluster}. */
export interface ClusterOptions {
  readonly nodes: number;
  /** The time that a message takes, in milliseconds; 0 by default. */
  readonly latencyMs?: number;
  readonly seed?: string | number;
  readonly args?: readonly string[];
}

/** A simulated cluster of broadcast nodes. */
export class Cluster {
  readonly nodes: readonly string[];
  /** All messages that were sent between nodes, oldest first. */
  readonly sent: Sent[] = [];
  /** The marks of the rare paths that were reached. */
  readonly marks = new Set<string>();
  network: NetworkConditions = {};
  readonly #options: ClusterOptions;
  readonly #random: Random;
  readonly #runtimes = new Map<string, NodeRuntime>();
  readonly #paused = new Map<string, (() => void)[]>();
  readonly #events = new Heap<Event>(isDueBefore);
  #now = 0;
  #sequence = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#random = new Random(options.seed ?? 1);
    this.nodes = Array.from({ length: options.nodes }, (_, index) => `n${index}`);
    for (const node of this.nodes) this.restart(node);
    const topology = topologyOf("grid", this.nodes);
    for (const node of this.nodes) this.request(node, { type: "topology", topology });
  }

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** Returns the values that a node would return from a read, as sorted texts. */
  valuesOf(node: string): string[] {
    const { values } = this.#runtimes.get(node)?.state as { readonly values: readonly Json[] };
    return values.map((value) => canonicalJson(value)).sort();
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
    this.request(node, { type: "broadcast", message: value });
  }

  /** Sends a client's request to a node. */
  request(node: string, body: Body): void {
    this.deliver(node, { src: "c1", dest: node, body: { ...body, msg_id: 1 } });
  }

  /** Delivers a message immediately, or as soon as a paused node resumes. */
  deliver(node: string, message: Message): void {
    const deliver = () =>
      this.#run(node, deliver, () => this.#runtimes.get(node)?.receive(message));
    deliver();
  }

  /** Restarts a node in a new incarnation, without memory. */
  restart(node: string): void {
    this.#paused.delete(node);
    const isCurrent = () => this.#runtimes.get(node) === runtime;
    const host: Host = {
      transmit: (message) => isCurrent() && this.#send(message),
      startTimer: (delayMs, fn) => {
        let isCancelled = false;
        const fire = () => {
          if (!isCancelled && isCurrent()) this.#run(node, fire, fn);
        };
        this.after(delayMs, fire);
        return () => isCancelled = true;
      },
      now: () => this.#now,
      monotonic: () => this.#now,
      random: () => this.#random.next(),
      log: () => {},
      sometimes: (mark) => this.marks.add(mark),
      fail: (error) => {
        throw error;
      },
    };
    const runtime = new NodeRuntime(broadcast, host, this.#options.args ?? []);
    this.#runtimes.set(node, runtime);
    const init = { type: "init", node_id: node, node_ids: [...this.nodes], msg_id: 0 };
    runtime.receive({ src: "c0", dest: node, body: init });
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
    const dueMs = this.#now + Math.max(0, delayMs);
    this.#events.push({ dueMs, sequence: this.#sequence++, run });
  }

  /** Advances the time. */
  run(durationMs: number): void {
    const end = this.#now + durationMs;
    for (let next = this.#events.peek(); next !== undefined && next.dueMs <= end;) {
      this.#events.pop();
      this.#now = next.dueMs;
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

  /** Advances the time; returns the number of messages sent between nodes meanwhile. */
  countSent(durationMs: number): number {
    const before = this.sent.length;
    this.run(durationMs);
    return this.sent.length - before;
  }

  /** Broadcasts values on random nodes, one every `gapMs` milliseconds. */
  broadcastRandomly(values: number, gapMs: number, seed: number, first = 0): void {
    const random = new Random(seed);
    for (let value = first; value < first + values; value++) {
      this.broadcast(random.pick(this.nodes), value);
      this.run(gapMs);
    }
  }

  /** Runs an event of a node, or queues `again` while the node is paused. */
  #run(node: string, again: () => void, event: () => void): void {
    const queued = this.#paused.get(node);
    if (queued === undefined) event();
    else queued.push(again);
  }

  #send({ src: from, dest: to, body }: Message): void {
    if (to.startsWith("c")) return;
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
        this.deliver(to, { src: from, dest: to, body: parseJson(text) as Body });
      });
    }
  }
}

/** Partitions one side from the other nodes, in both directions or in one. */
export function partition(side: readonly string[], oneWay?: "in" | "out"): NetworkConditions {
  return {
    drops(from, to) {
      const out = side.includes(from) && !side.includes(to);
      const into = !side.includes(from) && side.includes(to);
      return (out && oneWay !== "in") || (into && oneWay !== "out");
    },
  };
}
