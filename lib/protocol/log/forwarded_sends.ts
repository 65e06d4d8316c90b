/**
 * Sends that other nodes passed on: the side of the owner. Each batch is done once, however often
 * it arrives, and answered with the same each time, also when the answer is that it was refused.
 *
 * What came of a batch is remembered until the asker says that it waits for it no more. A batch
 * that comes later still is not done at all, since it may have been done before; nobody waits for
 * it.
 *
 * @module
 */

import type { Soon } from "./log.ts";

/** What has become of a batch: the offsets that its sends got. */
export type Outcome = Soon<readonly number[]>;

/** A batch: its number in the life of the node that asks, and the lowest that this waits for. */
export interface ForwardedBatch {
  readonly sender: string;
  readonly number: number;
  readonly oldest: number;
}

interface Asker {
  oldest: number;
  readonly outcomes: Map<number, Outcome>;
}

/** The batches of all who ask. */
export class ForwardedSends {
  readonly #askers = new Map<string, Asker>();

  /** What a batch came to; it is done if it was not yet. Undefined if nobody waits for it. */
  once({ sender, number, oldest }: ForwardedBatch, act: () => Outcome): Outcome | undefined {
    const asker = this.#askers.get(sender) ?? { oldest: 1, outcomes: new Map<number, Outcome>() };
    this.#askers.set(sender, asker);
    for (; asker.oldest < oldest; asker.oldest++) asker.outcomes.delete(asker.oldest);
    if (number < asker.oldest) return undefined;
    let outcome = asker.outcomes.get(number);
    if (outcome === undefined) {
      outcome = act();
      asker.outcomes.set(number, outcome);
    }
    return outcome;
  }
}
