/**
 * Replicas on a network of constant latency, in virtual time: one engine and one state each, by
 * default a log of entries.
 *
 * @module
 */

import { canonicalJson, type Json, parseJson, Random, stringifyJson } from "../../lib/base/mod.ts";
import {
  type Effect,
  Engine,
  EntryLog,
  type Event,
  type Policy,
  type ReplicatedState,
} from "../../lib/replication/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";

export const LATENCY_MS = 10;
export const ACK_DELAY_MS = 50;
export const RETRY = { rtoMarginMs: 100, maxRtoMs: 600, maxTimeouts: 3 };

/** A message between replicas. */
export interface Sent {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly body: Body;
}

/** Sends every change to all given peers immediately. */
export function eager(peers: readonly string[], more: Partial<Policy> = {}): Policy {
  const timing = { ackDelayMs: ACK_DELAY_MS, maxAckDelayMs: 2 * ACK_DELAY_MS };
  return {
    peers: () => peers,
    timing: () => ({ own: timing, peer: timing }),
    sendAtMs: (_session, pendingMs) => pendingMs,
    ...more,
  };
}

/** A running replica. */
export interface Replica<S> {
  readonly engine: Engine;
  readonly state: S;
  timerMs: number;
}

/** Replicas, and all that they send. */
export class Replicas<S extends ReplicatedState = EntryLog> {
  readonly sent: Sent[] = [];
  readonly marks: string[] = [];
  /** Returns by how many milliseconds more a message is late; Infinity loses it. */
  delayMs: (message: Sent) => number = () => 0;
  now = 0;
  readonly #replicas = new Map<string, Replica<S>>();
  readonly #inTransit: (Sent & { readonly dueMs: number })[] = [];
  readonly #random = new Random(1);
  #incarnations = 0;
  #returned = 0;

  constructor(
    readonly nodes: readonly string[],
    readonly policy: (id: string) => Policy,
    readonly newState: (node: { readonly id: string; readonly incarnation: string }) => S = (
      node,
    ) => new EntryLog(node) as ReplicatedState as S,
  ) {
    for (const id of nodes) this.start(id);
  }

  /** Starts a new incarnation of a node. */
  start(id: string): void {
    const incarnation = `i${this.#incarnations++}`;
    const state = this.newState({ id, incarnation });
    const random = () => this.#random.next();
    const options = { ...RETRY, id, incarnation, nodes: this.nodes, random };
    const engine = new Engine(state, this.policy(id), options);
    this.#replicas.set(id, { state, engine, timerMs: Infinity });
    this.#handle(id, { type: "started" });
  }

  /** Returns the replica of a node. */
  of(id: string): Replica<S> {
    return this.#replicas.get(id) as Replica<S>;
  }

  /** Changes the state of a node. */
  change(id: string, change: (state: S, now: number) => void): void {
    change(this.of(id).state, this.now);
    this.#handle(id, { type: "changed" });
  }

  /** Adds values at a node. */
  add(this: Replicas, id: string, ...values: Json[]): void {
    this.change(id, (log, now) => values.forEach((value) => log.add(value, now)));
  }

  /** Returns the values of a node, sorted. */
  valuesOf(this: Replicas, id: string): string[] {
    return this.of(id).state.values.map((value) => canonicalJson(value)).sort();
  }

  /** Advances the time; returns what was sent since the last call. */
  run(durationMs: number): readonly Sent[] {
    const endMs = this.now + durationMs;
    while (true) {
      this.#inTransit.sort((a, b) => a.dueMs - b.dueMs);
      const message = this.#inTransit[0];
      const timers = [...this.#replicas].sort(([, a], [, b]) => a.timerMs - b.timerMs);
      const [timerId, { timerMs }] = timers[0] as [string, Replica<S>];
      const nextMs = Math.min(message?.dueMs ?? Infinity, timerMs);
      if (nextMs > endMs) break;
      this.now = Math.max(this.now, nextMs);
      if (message === undefined || timerMs < message.dueMs) {
        this.#handle(timerId, { type: "tick" });
        continue;
      }
      this.#inTransit.shift();
      this.#handle(message.to, { type: "received", peer: message.from, body: message.body });
    }
    this.now = endMs;
    const sent = this.sent.slice(this.#returned);
    this.#returned = this.sent.length;
    return sent;
  }

  #handle(id: string, event: Event): void {
    for (const effect of this.of(id).engine.handle(event, this.now)) this.#take(id, effect);
  }

  #take(from: string, effect: Effect): void {
    if (effect.type === "sometimes") this.marks.push(effect.text);
    else if (effect.type === "timer") this.of(from).timerMs = effect.atMs;
    else {
      const body = parseJson(stringifyJson(effect.body)) as Body;
      const message = { atMs: this.now, from, to: effect.peer, body };
      this.sent.push(message);
      const delayMs = this.delayMs(message);
      if (delayMs < Infinity) {
        this.#inTransit.push({ ...message, dueMs: this.now + LATENCY_MS + delayMs });
      }
    }
  }
}

/** The messages' types, in order. */
export function typesOf(sent: readonly Sent[]): string[] {
  return sent.map(({ body }) => body.type);
}
