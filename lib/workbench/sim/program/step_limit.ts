/**
 * The limit on how long a node's code may run without yielding.
 *
 * @module
 */

import { currentNode } from "../current_node.ts";
import { callLocation } from "./source_positions.ts";

/**
 * The maximum number of loop iterations and function calls of a node's modules in one event. An
 * event takes no virtual time, and real handlers take some thousand steps.
 */
const MAX_STEPS_PER_EVENT = 10_000_000;

/** Thrown into a node's code that never yields, and ends the node. */
export class EndlessLoopError extends Error {
  override readonly name = "EndlessLoopError";
}

let stepsLeft = MAX_STEPS_PER_EVENT;

/** Starts to count the steps of an event. */
export function startCountingSteps(): void {
  stepsLeft = MAX_STEPS_PER_EVENT;
}

/** Counts a step. Throws an {@link EndlessLoopError} when the event has too many. */
export function countStep(): void {
  if (--stepsLeft < 0) endNode();
}

function endNode(): never {
  const location = callLocation();
  const error = new EndlessLoopError(
    `its code made more than ${MAX_STEPS_PER_EVENT} loop iterations and function calls in one event`,
  );
  error.stack = `${error.name}: ${error.message}\n    at ${location}`;
  if (stepsLeft === -1) currentNode.node?.fail(error);
  throw error;
}
