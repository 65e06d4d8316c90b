/**
 * What an engine is: where nodes run, and how time passes for them.
 *
 * @module
 */

import type { RawMessage } from "../wire/mod.ts";
import type { Clock } from "./clock.ts";

/** Hears what a node does. */
export interface NodeListener {
  /** The node sent a message. */
  sent(message: RawMessage): void;
  /** The node wrote a line that is no message. */
  malformedOutput(line: string, problem: string): void;
  /** The node wrote a line to its log. */
  logged(line: string): void;
  /**
   * The node asked the real world for what a simulation has to give it (time, randomness): what it
   * called, and the place in its code. Only an engine that simulates can tell.
   */
  nondeterministicCall?(call: string, where: string): void;
}

/** How a node's process ended. */
export interface ExitStatus {
  /** The exit code; 128 + the signal's number for one that a signal ended. */
  readonly code: number;
  readonly signal: string | null;
}

/** A running node. */
export interface NodeHandle {
  /** Gives it a message; the next one waits for the promise. */
  deliver(message: RawMessage): void | Promise<void>;
  /** How it ended; undefined while it runs. */
  readonly exit: ExitStatus | undefined;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<ExitStatus>;
  /** The last lines that it wrote, for error messages. */
  readonly lastLines: { readonly stdout: readonly string[]; readonly stderr: readonly string[] };
  /** Ends it without warning; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it for a while. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /**
   * Sets how many milliseconds its clock is ahead of the true time (behind, when negative): the
   * clock jumps. Not there in an engine that cannot.
   */
  skew?(offsetMs: number): void;
}

/** Where nodes run. */
export interface Engine {
  /** Its name for `--engine`. */
  readonly name: string;
  readonly clock: Clock;
  /** The faults it cannot inject, of those there are. */
  readonly missingFaults: readonly string[];
  /** Starts a node. Throws a {@link StartError} when it cannot be started. */
  start(id: string, listener: NodeListener): NodeHandle;
  /** Runs a test from begin to end, and lets time pass while it waits. */
  run<T>(test: () => Promise<T>): Promise<T>;
}

/** Thrown when a test cannot begin. Says what to do. */
export class StartError extends Error {
  override readonly name: string = "StartError";
}

/** Thrown when a node runs, but does not answer what a test begins with. */
export class NotReadyError extends StartError {
  override readonly name = "NotReadyError";
}
