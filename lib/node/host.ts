/**
 * What a node's runtime needs of its surroundings. `serve.ts` gives it a process's stdin, stdout
 * and clock; a simulation gives it virtual ones.
 *
 * @module
 */

import type { Message } from "../wire/mod.ts";

/** A node's surroundings. */
export interface Host {
  /** Takes a message into the network. */
  transmit(message: Message): void;
  /** Runs `fn` after so many milliseconds; returns a function that prevents it. */
  startTimer(milliseconds: number, fn: () => void): () => void;
  /** Milliseconds since 1970 by the node's clock. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Takes one line of the node's log. */
  log(line: string): void;
}
