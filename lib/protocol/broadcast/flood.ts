/**
 * Flood: a node that receives a value for the first time sends it to all its neighbours except the
 * sender.
 *
 * This is the naive baseline, for comparison. With e links it takes between e and 2·e messages per
 * value, and one latency per hop. Nothing is acknowledged: a value that a partition, a loss or a
 * pause drops never reaches the nodes behind it.
 *
 * @module
 */

import { canonicalJson, type Json } from "../../base/mod.ts";
import type { Body } from "../../wire/mod.ts";
import type { LocalNode, Outbox, Strategy } from "./strategy.ts";
import { contentOf } from "./messages.ts";

/** The strategy `flood`. */
export class Flood implements Strategy {
  readonly nextDeadline = Infinity;
  readonly #peers: ReadonlySet<string>;
  readonly #values = new Map<string, Json>();
  #neighbours: readonly string[];

  /**
   * `neighbours` are the neighbours at the start; those that the workload suggests replace them.
   */
  constructor(self: LocalNode, neighbours: readonly string[]) {
    this.#peers = new Set(self.nodes.filter((node) => node !== self.id));
    this.#neighbours = neighbours;
  }

  get values(): readonly Json[] {
    return [...this.#values.values()];
  }

  start(): void {}

  topology(neighbours: readonly string[]): void {
    this.#neighbours = neighbours.filter((peer) => this.#peers.has(peer));
  }

  broadcast(value: Json, _now: number, out: Outbox): void {
    this.#add(value, undefined, out);
  }

  receive(peer: string, body: Body, _now: number, out: Outbox): void {
    if (body.type !== "flood") return;
    this.#add(contentOf<{ type: string; message: Json }>(body).message, peer, out);
  }

  tick(): void {}

  #add(value: Json, source: string | undefined, out: Outbox): void {
    const text = canonicalJson(value);
    if (this.#values.has(text)) return;
    this.#values.set(text, value);
    for (const peer of this.#neighbours) {
      if (peer !== source) out.send(peer, { type: "flood", message: value });
    }
  }
}
