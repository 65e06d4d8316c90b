/**
 * Interleaves the transactions of one node. Statements of a transaction take time, and an isolation
 * level defines which effects of other transactions may appear between two of them.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import type { MicroOperation } from "./transaction.ts";

/** An active transaction: yields where others may run, and returns itself with reads filled in. */
export type Steps = Generator<void, MicroOperation[], void>;

/**
 * A long transaction runs several steps between two pauses, so that it pauses at most this often.
 */
const MAX_PAUSES = 8;

/** Runs a transaction of `length` steps with pauses of `pauseMs` milliseconds. */
export async function runWithPauses(
  node: Pick<Node, "sleep">,
  pauseMs: number,
  length: number,
  steps: Steps,
): Promise<MicroOperation[]> {
  const stepsPerPause = Math.max(1, Math.ceil(length / (MAX_PAUSES + 1)));
  for (let taken = 1;; taken++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (taken % stepsPerPause === 0) await node.sleep(pauseMs);
  }
}
