/**
 * Advances virtual time while a test waits.
 *
 * All microtasks of an event must run before the next event: a node's `async` handler takes no
 * virtual time, so it must not be suspended when the next message arrives. The language has no call
 * that runs all pending microtasks, but the event loop runs them after each callback. So every
 * event is a `setImmediate` callback.
 *
 * Many callbacks are queued for each turn of the event loop. The loop runs them one after the
 * other, and between them only the microtasks of each and the handlers of its unhandled rejections,
 * which are thus attributed to the right node. This is much cheaper than a turn for each event.
 * Deno's internal `runMicrotasks` would be cheaper still, but it is not a public API and runs no
 * rejection handlers. Between two batches the event loop handles signals and timers, so that an
 * interrupt is noticed and the progress is shown.
 *
 * @module
 */

import { currentNode } from "./current_node.ts";
import { startCountingSteps } from "./program/step_limit.ts";
import type { VirtualClock } from "./virtual_clock.ts";

// The real function: while a simulation runs, the global one is a trap, which takes longer.
const { setImmediate } = globalThis;
/** Number of events in a turn of the event loop; a turn takes about a millisecond. */
const BATCH_EVENTS = 256;
/** Number of events whose nodes are counted for the message of a {@link LivelockError}. */
const SAMPLED_EVENTS = 1000;

/** Thrown when a test waits although no event is scheduled. */
export class DeadlockError extends Error {
  /** The name of the class. */
  override readonly name = "DeadlockError";
}

/**
 * Thrown when the number of events at one instant exceeds the limit, so that time does not advance.
 */
export class LivelockError extends Error {
  /** The name of the class. */
  override readonly name = "LivelockError";
}

/** The clock to drive, and its limit. */
export interface DriveParts {
  readonly clock: VirtualClock;
  /** The maximum number of events at one instant. */
  readonly maxEventsPerInstant: number;
}

/**
 * Starts the test and runs events until its promise settles; settles as the promise does. Rejects
 * with a {@link DeadlockError} or {@link LivelockError} when the promise cannot settle any more,
 * and with any exception that an event throws.
 */
export function drive<T>(test: () => Promise<T>, parts: DriveParts): Promise<T> {
  return new Promise((resolve, reject) => new Drive(test, parts, resolve, reject).start());
}

class Drive<T> {
  readonly #test: () => Promise<T>;
  readonly #parts: DriveParts;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #eventsByOwner = new Map<string, number>();
  #started = false;
  #settle: (() => void) | undefined;

  constructor(
    test: () => Promise<T>,
    parts: DriveParts,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#test = test;
    this.#parts = parts;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    setImmediate(this.#turn);
  }

  readonly #turn = () => {
    if (this.#settle !== undefined) return this.#settle();
    for (let count = 0; count < BATCH_EVENTS; count++) setImmediate(this.#step);
    setImmediate(this.#endBatch);
    setImmediate(this.#turn);
  };

  readonly #endBatch = () => {
    currentNode.node = undefined;
  };

  readonly #step = () => {
    const { clock, maxEventsPerInstant } = this.#parts;
    currentNode.node = undefined;
    startCountingSteps();
    if (this.#settle !== undefined) return;
    try {
      if (!this.#started) return this.#startTest();
      if (!clock.step()) throw deadlock(clock);
      const sampledFrom = maxEventsPerInstant + 1 - SAMPLED_EVENTS;
      if (clock.stepsAtInstant > sampledFrom) this.#sampleOwner(clock.stepsAtInstant);
    } catch (error) {
      this.#end(() => this.#reject(error));
    }
  };

  #startTest(): void {
    this.#started = true;
    this.#test().then(
      (value) => this.#end(() => this.#resolve(value)),
      (error) => this.#end(() => this.#reject(error)),
    );
  }

  #end(settle: () => void): void {
    this.#settle ??= settle;
  }

  #sampleOwner(stepsAtInstant: number): void {
    const { clock, maxEventsPerInstant } = this.#parts;
    const owner = currentNode.node?.id ?? "the workbench itself";
    this.#eventsByOwner.set(owner, (this.#eventsByOwner.get(owner) ?? 0) + 1);
    if (stepsAtInstant > maxEventsPerInstant) {
      throw livelock(clock, maxEventsPerInstant, this.#eventsByOwner);
    }
  }
}

function deadlock(clock: VirtualClock): DeadlockError {
  return new DeadlockError(
    `Deadlock: the test still waits at ${clock.now()} ms of virtual time, but no message is in ` +
      "flight and no timer is set. Does the test wait for something outside the simulation (a " +
      "file, the network, a real timer)?",
  );
}

function livelock(
  clock: VirtualClock,
  maxEvents: number,
  eventsByOwner: ReadonlyMap<string, number>,
): LivelockError {
  const shares = [...eventsByOwner].sort((a, b) => b[1] - a[1]).slice(0, 5)
    .map(([owner, count]) => `${owner} (${count})`).join(", ");
  return new LivelockError(
    `Livelock: more than ${maxEvents} events at ${clock.now()} ms of virtual time. The last ` +
      `${SAMPLED_EVENTS} events by node: ${shares}. A likely cause: nodes that reply to each ` +
      "other without end while messages have no latency.",
  );
}
