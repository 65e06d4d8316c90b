/**
 * Who is acting: the node whose code runs at the moment, if any.
 *
 * Set when the workbench gives a node something to do, until the next event: the promises that the
 * node's code waits for are worked off in between, and belong to it too.
 *
 * @module
 */

/** What the surroundings of a node's code can do on its behalf. */
export interface RunningNode {
  /** The node's id. */
  readonly id: string;
  /** Milliseconds since 1970 by the node's clock. */
  now(): number;
  /** A number in [0, 1) from the node's own source. */
  random(): number;
  /** Runs `fn` after so many milliseconds; returns what prevents it. */
  startTimer(milliseconds: number, fn: () => void): () => void;
  /** Takes text that the node writes to its log. */
  log(text: string): void;
  /** Takes text that the node writes to its stdout and that is no message. */
  print(text: string): void;
  /** Takes note that the node called what it must not, and where. */
  nondeterministicCall(call: string, where: string): void;
  /** Ends the node by its own will. */
  exitWith(code: number): void;
}

/** The stage. */
export interface CurrentNode {
  node: RunningNode | undefined;
}
