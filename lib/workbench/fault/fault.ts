/**
 * What a fault is: something that can be drawn at random, put in force, and healed.
 *
 * A nemesis schedule is data. What a fault draws holds everything random about it (who is cut off
 * from whom), so that a schedule that is saved and replayed does the same again.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { Clock } from "../clock.ts";
import type { Network } from "../network.ts";

/** What faults act on. */
export interface FaultSurface {
  readonly clock: Clock;
  readonly network: Network;
  readonly nodes: readonly string[];
  /** For faults whose effect on each message is random. */
  readonly random: Random;
  readonly processes: ProcessControl;
}

/** What can be done to the processes of nodes. */
export interface ProcessControl {
  /** Ends a node's process without warning; its memory is gone. */
  kill(node: string): Promise<void>;
  /** Starts a killed node's process again and initialises it. */
  restart(node: string): Promise<void>;
  /** Stops a node's process for a while: it receives, but does nothing. */
  pause(node: string): void;
  /** Lets a paused node go on. */
  resume(node: string): void;
}

/** One act of the nemesis. */
export interface NemesisEvent {
  /** Milliseconds since the test began. */
  readonly at: number;
  /** `start-partition`, `stop-partition`, … */
  readonly f: string;
  /** What the history shows as asked for: the shape of a partition, …; null when stopping. */
  readonly value: unknown;
  /** What exactly is to be done, as drawn; null when stopping. */
  readonly plan: unknown;
}

/** What a fault drew. */
export interface Drawn {
  readonly value: unknown;
  readonly plan: unknown;
}

/** A kind of fault. */
export interface Fault {
  /** Its name for `--nemesis`. */
  readonly name: string;
  /** Draws what is to be done. */
  draw(nodes: readonly string[], random: Random): Drawn;
  /** Does it; returns what the history shows as its result. */
  start(surface: FaultSurface, plan: unknown): unknown | Promise<unknown>;
  /** Undoes everything that `start` did; returns what the history shows as its result. */
  stop(surface: FaultSurface): unknown | Promise<unknown>;
}
