/**
 * Triggers: faults that begin shortly after a node has reached a coverage point (`node.sometimes`),
 * and affect that node.
 *
 * A protocol is easiest to break while it is in the middle of something: a leader has just been
 * elected, a snapshot was installed, a message is retransmitted. Its coverage points name such
 * moments. Faults at random times rarely hit one, and hardly ever several in succession.
 *
 * In each run only some of the coverage points trigger, some of them rarely, since a frequent one
 * would leave no fault for the others. The outcome of a run has a case without triggers, whose schedule
 * repeats all of its faults.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import { createFault, type NemesisEvent } from "../fault/mod.ts";

/** The faults that coverage points trigger in a case. */
export interface Triggers {
  /** The names of the faults; each of them is active or waits for a coverage point. */
  readonly faults: readonly string[];
  /** The maximum time from a coverage point to the start of a fault, in milliseconds. */
  readonly maxDelayMs: number;
  /** The mean duration of a fault, in milliseconds. */
  readonly meanDurationMs: number;
}

/** The faults that can be triggered: those that affect nodes and links, not single messages. */
export const TRIGGERED_FAULT_NAMES = [
  "partition",
  "one-way",
  "pause",
  "kill",
  "disk",
  "membership",
] as const;

/** How often a coverage point triggers a fault. */
const PROBABILITIES = [0, 0, 0.1, 0.5, 1] as const;

/** Decides during a run which faults its coverage points trigger. */
export class TriggeredFaults {
  readonly #triggers: Triggers;
  readonly #nodes: readonly string[];
  readonly #random: Random;
  readonly #probabilities = new Map<string, number>();
  /** By fault, when its last episode ends. */
  readonly #endsMs = new Map<string, number>();

  /** Equal seeds decide equally. */
  constructor(triggers: Triggers, nodes: readonly string[], seed: string) {
    this.#triggers = triggers;
    this.#nodes = nodes;
    this.#random = new Random(seed).fork("triggers");
  }

  /** Returns the events that a coverage point triggers, in the order of their times. */
  reached(node: string, point: string, nowMs: number): NemesisEvent[] {
    const random = this.#random;
    let probability = this.#probabilities.get(point);
    if (probability === undefined) {
      probability = random.fork(point).pick(PROBABILITIES);
      this.#probabilities.set(point, probability);
    }
    const { faults, maxDelayMs, meanDurationMs } = this.#triggers;
    const idle = faults.filter((fault) => (this.#endsMs.get(fault) ?? -Infinity) < nowMs);
    if (idle.length === 0 || !random.chance(probability)) return [];
    const name = random.pick(idle);
    const startMs = nowMs + random.next() * maxDelayMs;
    const stopMs = startMs + random.next() * 2 * meanDurationMs;
    this.#endsMs.set(name, stopMs);
    return [
      { at: startMs, f: `start-${name}`, ...createFault(name).generate(this.#nodes, random, node) },
      { at: stopMs, f: `stop-${name}`, value: null, plan: null },
    ];
  }
}
