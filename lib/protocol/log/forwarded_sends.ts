/**
 * Sends that other nodes forward: the owner's side. Each batch is executed once, however often it
 * arrives, and every arrival gets the same reply, also when that is an error.
 *
 * The owner keeps the outcome of a batch until the sender acknowledges it: each batch carries the
 * lowest number that its sender still awaits. A batch below that number is not executed, since it may
 * have been executed before, and its sender drops the reply. RIFL (Lee et al., "Implementing
 * Linearizability at Large Scale and Low Latency", 2015) calls these completion records.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { MaybePromise } from "./log.ts";

/** The outcome of a batch: the offsets of its sends. */
export type Outcome = MaybePromise<readonly number[]>;

/** The name of a batch. */
export interface ForwardedBatch {
  /** The incarnation of the node that forwards. */
  readonly sender: string;
  /** The number of the batch, from 1. */
  readonly number: number;
  /** The lowest number whose reply the sender still awaits. */
  readonly oldest: number;
}

interface Sender {
  oldest: number;
  readonly outcomes: Map<number, Outcome>;
}

/** The outcomes of the batches of all senders. */
export class ForwardedSends {
  readonly #senders = new Map<string, Sender>();

  /**
   * Returns the outcome of a batch. Calls `execute` the first time. Returns undefined for a batch
   * whose reply the sender no longer awaits.
   */
  once(batch: ForwardedBatch, execute: () => Outcome): Outcome | undefined {
    const { sender: incarnation, number, oldest } = batch;
    const sender = this.#senders.get(incarnation) ??
      { oldest: 1, outcomes: new Map<number, Outcome>() };
    this.#senders.set(incarnation, sender);
    for (; sender.oldest < oldest; sender.oldest++) sender.outcomes.delete(sender.oldest);
    if (number < sender.oldest) return undefined;
    let outcome = sender.outcomes.get(number);
    if (outcome === undefined) {
      outcome = execute();
      invariant(!sender.outcomes.has(number), "a batch is executed once");
      sender.outcomes.set(number, outcome);
    }
    return outcome;
  }
}
