/**
 * A small interpreter for tests of generators. Time is a number, and a function decides immediately
 * how each operation completes.
 *
 * @module
 */

import type { Operation } from "../../lib/history/mod.ts";
import type { Completion, Generator, Invocation } from "../../lib/workload/mod.ts";

/** An operation's completion, after the given number of milliseconds (0 by default). */
export type Outcome = Completion & { readonly afterMs?: number };

/** How to drive a generator. */
export interface DriveOptions {
  readonly concurrency: number;
  /** Milliseconds between two operations; 0 by default. */
  readonly gapMs?: number;
  /** Stops after this number of operations. */
  readonly maxOperations?: number;
  /** The time of the first operation in milliseconds; 0 by default. */
  readonly startMs?: number;
  /** Returns an operation's completion; by default it is ok, with the invocation's value. */
  complete?(invocation: Invocation, worker: number, nowMs: number): Outcome;
}

interface InFlight {
  readonly endMs: number;
  readonly worker: number;
  readonly draft: Omit<Operation, "index" | "time">;
}

/**
 * Drives a generator until it is exhausted or has returned `maxOperations`. Returns the history.
 * Throws an Error if the generator waits although no operation is in flight.
 */
export function drive(generator: Generator, options: DriveOptions): Operation[] {
  return new Driver(generator, options).run();
}

class Driver {
  readonly #generator: Generator;
  readonly #options: DriveOptions;
  readonly #history: Operation[] = [];
  readonly #processes: number[];
  readonly #inFlight: InFlight[] = [];
  #nowMs: number;
  #nextWorker = 0;

  constructor(generator: Generator, options: DriveOptions) {
    this.#generator = generator;
    this.#options = options;
    this.#nowMs = options.startMs ?? 0;
    this.#processes = Array.from({ length: options.concurrency }, (_, worker) => worker);
  }

  run(): Operation[] {
    const { maxOperations = Infinity, gapMs = 0 } = this.#options;
    for (let begun = 0; begun < maxOperations;) {
      const free = this.#free();
      const next = free.length === 0
        ? { pending: true }
        : this.#generator.next(this.#context(free));
      if (next === undefined) break;
      if ("pending" in next) {
        this.#wait("untilMs" in next ? next.untilMs ?? Infinity : Infinity);
      } else {
        this.#begin(next.worker, next.invocation);
        this.#settle(this.#nowMs += gapMs);
        begun++;
      }
    }
    this.#settle(Infinity);
    return this.#history;
  }

  #free(): number[] {
    const busy = new Set(this.#inFlight.map(({ worker }) => worker));
    const count = this.#processes.length;
    return this.#processes
      .map((_, offset) => (this.#nextWorker + offset) % count)
      .filter((worker) => !busy.has(worker));
  }

  #context(free: readonly number[]) {
    return {
      nowMs: this.#nowMs,
      free,
      concurrency: this.#processes.length,
      processOf: (worker: number) => this.#processes[worker] as number,
    };
  }

  #begin(worker: number, invocation: Invocation): void {
    this.#nextWorker = (worker + 1) % this.#processes.length;
    const process = this.#processes[worker] as number;
    this.#record({ type: "invoke", process, ...invocation }, worker);
    const { afterMs = 0, ...completion } =
      this.#options.complete?.(invocation, worker, this.#nowMs) ??
        { type: "ok" as const };
    const draft = { process, ...invocation, ...completion };
    this.#inFlight.push({ worker, draft, endMs: this.#nowMs + afterMs });
  }

  /** Lets time pass until an operation completes, or until the given time. */
  #wait(untilMs: number): void {
    const first = Math.min(...this.#inFlight.map(({ endMs }) => endMs), untilMs);
    if (first === Infinity) {
      throw new Error("the generator is pending, but no operation is in flight");
    }
    this.#nowMs = Math.max(this.#nowMs, first);
    this.#settle(this.#nowMs);
  }

  /** Completes the operations that end at or before a time. */
  #settle(timeMs: number): void {
    this.#inFlight.sort((a, b) => a.endMs - b.endMs);
    while (this.#inFlight.length > 0 && (this.#inFlight[0] as InFlight).endMs <= timeMs) {
      const { worker, draft } = this.#inFlight.shift() as InFlight;
      this.#record(draft, worker);
      if (draft.type !== "info") continue;
      this.#processes[worker] = (this.#processes[worker] as number) + this.#processes.length;
    }
  }

  #record(draft: Omit<Operation, "index" | "time">, worker: number): void {
    const operation = { index: this.#history.length, time: this.#nowMs * 1e6, ...draft };
    this.#history.push(operation);
    this.#generator.update?.(operation, worker, this.#context([]));
  }
}

/** Returns the invocations of a history. */
export function invocations(history: readonly Operation[]): Operation[] {
  return history.filter(({ type }) => type === "invoke");
}
