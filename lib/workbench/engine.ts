/**
 * The interface of an engine, which decides where nodes run and how their time passes.
 *
 * @module
 */

import type { RawMessage } from "../wire/mod.ts";
import type { Clock } from "./clock.ts";

/** Receives the events of a node. */
export interface NodeListener {
  /** The node sent a message. */
  sent(message: RawMessage): void;
  /** A service sent the node a message, if the engine itself runs the services. */
  observed?(message: RawMessage): void;
  /**
   * The node wrote a malformed line; `problem` explains why. If Maelstrom accepts such a line, its
   * message is sent, too.
   */
  malformedOutput(line: string, problem: string, maelstrom: { readonly isAccepted: boolean }): void;
  /** The node wrote a line to its log. */
  logged(line: string): void;
  /**
   * The node called a source of non-determinism (the real clock, `Math.random`); `location` is in
   * the node's code. Only an engine that simulates can detect this.
   */
  nondeterministicCall?(call: string, location: string): void;
  /** The node reached a path that it marks with `node.sometimes`. Only a simulation reports it. */
  reached?(text: string): void;
  /**
   * The node violated an invariant, its code did not yield, or it waits forever; and it has ended.
   * Only a simulation reports it.
   */
  invariantViolated?(error: Error): void;
}

/** How a node's process ended. */
export interface ExitStatus {
  /** The exit code; 128 + the signal's number if a signal ended the process. */
  readonly code: number;
  /** The signal that ended the process; null if it exited by itself. */
  readonly signal: string | null;
}

/** A loss of power of the machine under a node. */
export interface PowerLoss {
  /** Decides which records survive that are not durable, and the damaged byte. */
  readonly seed: string;
  /** Whether a durable byte of the disk is damaged. */
  readonly rots: boolean;
}

/** What a loss of power did to a disk. */
export interface DiskDamage {
  /** The number of records that the disk has lost; none of them was durable. */
  readonly lostRecords: number;
  /** Whether one of these has left its beginning. */
  readonly isTorn: boolean;
  /** Whether a durable byte is damaged. */
  readonly isRotten: boolean;
}

/** A running node. */
export interface NodeHandle {
  /** Delivers a message to the node; the next message waits for the promise. */
  deliver(message: RawMessage): void | Promise<void>;
  /** How the node ended; undefined while it runs. */
  readonly exit: ExitStatus | undefined;
  /** Resolves when the node has ended for any reason. */
  readonly ended: Promise<ExitStatus>;
  /** The last lines that the node wrote, for error messages. */
  readonly lastLines: { readonly stdout: readonly string[]; readonly stderr: readonly string[] };
  /** Kills the node, as SIGKILL does; resolves when it has ended. */
  kill(): Promise<void>;
  /** Pauses the node, as SIGSTOP does. */
  pause(): void;
  /** Resumes the node, as SIGCONT does. */
  resume(): void;
  /**
   * Sets by how many milliseconds the node's clock is ahead of the true time (behind, if negative).
   * The clock jumps. Absent if the engine cannot do this.
   */
  skew?(offsetMs: number): void;
  /**
   * Makes the node drop the messages of these senders, and of no others. Resolves when it does, or
   * when it cannot reply. Present if the nodes exchange messages without the workbench's network,
   * which then only records them.
   */
  drop?(senders: readonly string[]): Promise<void>;
  /**
   * Cuts the power of the node's machine, which ends the node. Also for a node that has ended: its
   * disk may have records that are not durable. Absent if the engine cannot do this.
   */
  losePower?(loss: PowerLoss): DiskDamage;
  /**
   * Calls `run` once, during the next operation that makes something durable on the disk of the node's
   * machine: after a fraction of its duration, in [0, 1). Returns a function that cancels this.
   * Absent if the engine cannot do this.
   */
  interruptSync?(fraction: number, run: () => void): () => void;
}

/** Runs nodes and passes their time. */
export interface Engine {
  /** The engine's name for `--engine`. */
  readonly name: string;
  /** The clock of the test: real or virtual time. */
  readonly clock: Clock;
  /** The names of the faults that the engine cannot inject. */
  readonly missingFaults: readonly string[];
  /** Whether the engine runs the services, so that the workbench does not. */
  readonly hasServices?: boolean;
  /** The likely mistake in the program when its nodes do not start; undefined if none is known. */
  readonly programHint?: string | undefined;
  /** Starts a node. Throws a {@link StartError} when that fails. */
  start(id: string, listener: NodeListener): NodeHandle;
  /** Runs a test, and passes time while the test waits. */
  run<T>(test: () => Promise<T>): Promise<T>;
}

/** Thrown when a test cannot begin; the message says what to do. */
export class StartError extends Error {
  /** The name of the class. */
  override readonly name: string = "StartError";
}

/** Thrown when a node runs, but does not reply to `init` or a request of the workload's set-up. */
export class NotReadyError extends StartError {
  override readonly name = "NotReadyError";
}
