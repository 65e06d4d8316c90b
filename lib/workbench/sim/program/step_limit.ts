/**
 * The limit on how long a node's code may run without yielding, and the errors of nodes whose code
 * does not continue.
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

/** A node waits for nothing that can happen, and has ended. The message names what it waits for. */
export class BlockedError extends Error {
  override readonly name = "BlockedError";
}

/** Whether an error is that of a node whose code does not continue. */
export function isStuck(error: unknown): error is EndlessLoopError | BlockedError {
  return error instanceof EndlessLoopError || error instanceof BlockedError;
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
