/**
 * Lets transactions on one node take turns. A transaction's statements come one after the other,
 * and each takes time; what isolation means is what may happen between two of them.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import type { MicroOperation } from "./transaction.ts";

/** A transaction under way: it pauses where others may go on, and ends with its reads made. */
export type Steps = Generator<void, MicroOperation[], void>;

/** A long transaction makes several steps in a row, so that it takes no more than so many pauses. */
const MOST_PAUSES = 8;

/** Runs a transaction of `length` steps, with pauses of so many milliseconds. */
export async function takeTurns(
  node: Pick<Node, "sleep">,
  pause: number,
  length: number,
  steps: Steps,
): Promise<MicroOperation[]> {
  const stepsInARow = Math.max(1, Math.ceil(length / (MOST_PAUSES + 1)));
  for (let taken = 1;; taken++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (taken % stepsInARow === 0) await node.sleep(pause);
  }
}
