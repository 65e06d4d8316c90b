/**
 * The environment of a node's runtime. `serve.ts` implements it with a process's stdin, stdout and
 * clocks, a simulation with virtual ones.
 *
 * @module
 */

import type { Message } from "../wire/mod.ts";
import type { Storage } from "./storage/storage.ts";

/** A node's environment. */
export interface Host {
  /** Sends a message. */
  transmit(message: Message): void;
  /** Runs `fn` after `delayMs` milliseconds; returns a function that cancels it. */
  startTimer(delayMs: number, fn: () => void): () => void;
  /** Wall-clock time in milliseconds since 1970; it may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. Timers run by this clock. */
  monotonic(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** Writes one line to the node's log. */
  log(line: string): void;
  /** Records that the node reached a rare path, see {@link Node.sometimes}. */
  sometimes(text: string): void;
  /** Ends the node: its program threw when it started, violated an invariant, or lost its disk. */
  fail(error: unknown): void;
  /** Opens the disk of the node with this id. Only called for programs that persist. */
  openStorage?(id: string): Storage;
}
