/**
 * The current node: the simulated node whose code runs at the moment.
 *
 * The engine sets it when it runs a node's code, and clears it before the next event. The
 * microtasks that the code queues run between the two events, so they are attributed to the same
 * node.
 *
 * @module
 */

/** A simulated node, as the code sees it that stands in for the node's surroundings. */
export interface RunningNode {
  /** The node's id. */
  readonly id: string;
  /** The node's command-line arguments. */
  readonly args: readonly string[];
  /** Milliseconds since 1970 by the node's clock. */
  now(): number;
  /** Returns a number in [0, 1) from the node's own random source. */
  random(): number;
  /** Runs `fn` after a delay; returns a function that cancels the timer. */
  startTimer(delayMs: number, fn: () => void): () => void;
  /** Writes text to the node's log. */
  log(text: string): void;
  /** Writes text that is not a message to the node's stdout. */
  print(text: string): void;
  /** Reports a call to a source of non-determinism, and its location in the node's code. */
  nondeterministicCall(call: string, location: string): void;
  /** Ends the node because it violated an invariant. */
  fail(error: unknown): void;
  /** Ends the node with an exit code, as `Deno.exit()` ends a process. */
  exitWith(code: number): void;
}

/** A register that holds the current node; undefined while the workbench's own code runs. */
export interface CurrentNode {
  node: RunningNode | undefined;
}

/**
 * The register of this thread. All simulations of a thread share it: a function that a node's module
 * captured when it was imported must find the node in whichever simulation calls it.
 */
export const currentNode: CurrentNode = { node: undefined };
