/**
 * Lets virtual time pass while a test waits.
 *
 * Between two events everything that waits for a settled promise must have run: a node's `async`
 * handler takes no time, so it may not still be on its way when the next message comes. Nothing in
 * the language says "run all pending microtasks now", but the event loop does just that after each
 * callback. So every event is one `setImmediate` callback, and they are queued many at a time: the
 * callbacks of one turn of the event loop run one after the other, with the microtasks of each (and
 * its unhandled rejections, which can so be laid at the right node's door) in between and nothing
 * else. That costs 0.4 µs an event, a fifth of what a turn for each costs; Deno's internal
 * `runMicrotasks` would take 0.1 µs but is not ours to use, and would run no handlers of
 * rejections. Between batches the event loop turns, so that an interrupt is heard and progress shown.
 *
 * @module
 */

import type { CurrentNode } from "./current_node.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** Events per turn of the event loop: about a millisecond's worth. */
const BATCH_EVENTS = 256;
/** How many events at one instant are looked at, once there are too many, to say whose they are. */
const SAMPLED_EVENTS = 1000;

/** Thrown when a test waits for what can never happen. */
export class DeadlockError extends Error {
  override readonly name = "DeadlockError";
}

/** Thrown when so much happens at one instant that time seems to stand still. */
export class LivelockError extends Error {
  override readonly name = "LivelockError";
}

/** What a drive is made of. */
export interface DriveParts {
  readonly clock: VirtualClock;
  readonly currentNode: CurrentNode;
  /** How many events there may be at one instant. */
  readonly maxEventsPerInstant: number;
  /** Called before each batch of events, and after it. */
  beforeBatch(): void;
  afterBatch(): void;
}

/**
 * Begins the test and runs event after event until its promise is settled; settles as it does.
 * Rejects with a {@link DeadlockError} or a {@link LivelockError} when that cannot happen any more,
 * and with what an event throws.
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
    setImmediate(this.#parts.beforeBatch);
    for (let count = 0; count < BATCH_EVENTS; count++) setImmediate(this.#step);
    setImmediate(this.#endBatch);
    setImmediate(this.#turn);
  };

  readonly #endBatch = () => {
    this.#parts.currentNode.node = undefined;
    this.#parts.afterBatch();
  };

  readonly #step = () => {
    const { clock, currentNode: stage, maxEventsPerInstant: mostAtOnce } = this.#parts;
    stage.node = undefined;
    if (this.#settle !== undefined) return;
    try {
      if (!this.#started) return this.#startTest();
      if (!clock.step()) throw deadlock(clock);
      if (clock.stepsAtInstant > mostAtOnce + 1 - SAMPLED_EVENTS) {
        this.#sampleOwner(clock.stepsAtInstant);
      }
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

  #end(conclude: () => void): void {
    this.#settle ??= conclude;
  }

  #sampleOwner(stepsAtInstant: number): void {
    const { clock, currentNode: stage, maxEventsPerInstant: mostAtOnce } = this.#parts;
    const owner = stage.node?.id ?? "the workbench itself";
    this.#eventsByOwner.set(owner, (this.#eventsByOwner.get(owner) ?? 0) + 1);
    if (stepsAtInstant > mostAtOnce) throw livelock(clock, mostAtOnce, this.#eventsByOwner);
  }
}

function deadlock(clock: VirtualClock): DeadlockError {
  return new DeadlockError(
    `The test waits for something that cannot happen any more: at ${clock.now()} ms of virtual ` +
      "time no message is on its way and no timer is set. Does it wait for something outside the " +
      "simulation (a file, the network, a real timer)?",
  );
}

function livelock(
  clock: VirtualClock,
  most: number,
  owners: ReadonlyMap<string, number>,
): LivelockError {
  const shares = [...owners].sort((a, b) => b[1] - a[1]).slice(0, 5)
    .map(([owner, count]) => `${owner} (${count})`).join(", ");
  return new LivelockError(
    `Time stands still: more than ${most} events at ${clock.now()} ms of virtual time. Whose the ` +
      `last ${SAMPLED_EVENTS} were: ${shares}. Nodes that answer each other without end do that where ` +
      "messages take no time.",
  );
}
