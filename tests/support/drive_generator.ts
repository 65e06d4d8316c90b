/**
 * A tiny interpreter for tests of generators: time is a number, and what becomes of an operation is
 * decided by a function at once.
 *
 * @module
 */

import type { Operation } from "../../lib/history/mod.ts";
import type { Completion, Generator, Invocation } from "../../lib/workload/mod.ts";

/** An operation's completion, after the given number of milliseconds (0 by default). */
export type Outcome = Completion & { readonly after?: number };

/** How to drive a generator. */
export interface DriveOptions {
  readonly concurrency: number;
  /** Milliseconds between two operations; 0 by default. */
  readonly gap?: number;
  /** Stops after this number of operations. */
  readonly operations?: number;
  /** The time to begin at, in milliseconds. */
  readonly start?: number;
  /** Returns an operation's completion; by default it is ok, with the invocation's value. */
  complete?(invocation: Invocation, worker: number, now: number): Outcome;
}

interface UnderWay {
  readonly end: number;
  readonly worker: number;
  readonly draft: Omit<Operation, "index" | "time">;
}

/** Drives a generator until it is exhausted, or there are enough operations. Returns the history. */
export function drive(generator: Generator, options: DriveOptions): Operation[] {
  return new Driver(generator, options).run();
}

class Driver {
  readonly #generator: Generator;
  readonly #options: DriveOptions;
  readonly #history: Operation[] = [];
  readonly #processes: number[];
  readonly #underWay: UnderWay[] = [];
  #now: number;
  #preferred = 0;

  constructor(generator: Generator, options: DriveOptions) {
    this.#generator = generator;
    this.#options = options;
    this.#now = options.start ?? 0;
    this.#processes = Array.from({ length: options.concurrency }, (_, worker) => worker);
  }

  run(): Operation[] {
    const { operations = Infinity, gap = 0 } = this.#options;
    for (let begun = 0; begun < operations;) {
      const free = this.#free();
      const next = free.length === 0
        ? { pending: true }
        : this.#generator.next(this.#context(free));
      if (next === undefined) break;
      if ("pending" in next) {
        this.#wait("untilMs" in next ? next.untilMs ?? Infinity : Infinity);
      } else {
        this.#begin(next.worker, next.invocation);
        this.#settle(this.#now += gap);
        begun++;
      }
    }
    this.#settle(Infinity);
    return this.#history;
  }

  #free(): number[] {
    const busy = new Set(this.#underWay.map(({ worker }) => worker));
    const count = this.#processes.length;
    return this.#processes
      .map((_, offset) => (this.#preferred + offset) % count)
      .filter((worker) => !busy.has(worker));
  }

  #context(free: readonly number[]) {
    return {
      nowMs: this.#now,
      free,
      concurrency: this.#processes.length,
      processOf: (worker: number) => this.#processes[worker] as number,
    };
  }

  #begin(worker: number, invocation: Invocation): void {
    this.#preferred = (worker + 1) % this.#processes.length;
    const process = this.#processes[worker] as number;
    this.#record({ type: "invoke", process, ...invocation }, worker);
    const { after = 0, ...completion } = this.#options.complete?.(invocation, worker, this.#now) ??
      { type: "ok" as const };
    const draft = { process, ...invocation, ...completion };
    this.#underWay.push({ worker, draft, end: this.#now + after });
  }

  /** Lets time pass until an operation ends, or until the given time. */
  #wait(until: number): void {
    const first = Math.min(...this.#underWay.map(({ end }) => end), until);
    if (first === Infinity) throw new Error("the generator waits for what will never happen");
    this.#now = Math.max(this.#now, first);
    this.#settle(this.#now);
  }

  /** Completes the operations that end by a time. */
  #settle(time: number): void {
    this.#underWay.sort((a, b) => a.end - b.end);
    while (this.#underWay.length > 0 && (this.#underWay[0] as UnderWay).end <= time) {
      const { worker, draft } = this.#underWay.shift() as UnderWay;
      this.#record(draft, worker);
      if (draft.type !== "info") continue;
      this.#processes[worker] = (this.#processes[worker] as number) + this.#processes.length;
    }
  }

  #record(draft: Omit<Operation, "index" | "time">, worker: number): void {
    const operation = { index: this.#history.length, time: this.#now * 1e6, ...draft };
    this.#history.push(operation);
    this.#generator.update?.(operation, worker, this.#context([]));
  }
}

/** The invocations of a history. */
export function invocations(history: readonly Operation[]): Operation[] {
  return history.filter(({ type }) => type === "invoke");
}
