/**
 * Explores seeds on several threads.
 *
 * Seeds are handed out in ascending order and their reports passed on in the same order, so that
 * what is found does not depend on how many threads there are or which is the fastest.
 *
 * @module
 */

import { StartError } from "../engine.ts";
import type { SeedReport } from "./explore_seed.ts";
import type { Failure } from "./failure.ts";
import type { ExploreSetup, ShrunkCase, WorkerAnswer, WorkerRequest } from "./worker_messages.ts";

/** How long a seed may take by the clock on the wall before its thread is given up: two minutes. */
const MOST_SEED_MS = 120_000;
/** What the report of a seed says that took longer. */
export const NEVER_ENDED = "engine: never ended";

/** What a pool is to do with seeds. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** Takes the reports in ascending order; false ends the exploration. */
  take(report: SeedReport): boolean;
  readonly signal: AbortSignal;
}

/** A pool of workers. */
export class WorkerPool {
  readonly #setup: ExploreSetup;
  readonly #jobs: number;
  readonly #mostSeedMs: number;
  readonly #threads = new Set<Thread>();
  readonly #idle: Thread[] = [];

  /** `mostSeedMs` bounds what a seed may take. */
  constructor(setup: ExploreSetup, jobs: number, mostSeedMs = MOST_SEED_MS) {
    this.#setup = setup;
    this.#jobs = jobs;
    this.#mostSeedMs = mostSeedMs;
  }

  /**
   * Explores seeds until there are no more, until they are taken no more, or until the signal is
   * aborted. Throws a {@link StartError} when a node does not start.
   */
  async explore(range: SeedRange): Promise<void> {
    const { from, count, take, signal } = range;
    const waiting = new Map<number, SeedReport>();
    let nextSeed = from;
    let nextTaken = from;
    let wanted = true;
    const work = async () => {
      while (wanted && !signal.aborted && nextSeed < from + count) {
        const seed = nextSeed++;
        waiting.set(seed, await this.#exploreSeed(seed, signal));
        for (
          let report = waiting.get(nextTaken);
          report && wanted;
          report = waiting.get(nextTaken)
        ) {
          if (signal.aborted) return;
          waiting.delete(nextTaken++);
          wanted = take(report);
        }
      }
    };
    const onAbort = () => this.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.all(Array.from({ length: this.#jobs }, work));
    } catch (error) {
      // Threads that are ended in the middle of a seed reject, and that is as it should be.
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Shrinks the case of a seed that failed. `onSmaller` is told of each step. */
  async shrink(
    seed: number,
    failure: Failure,
    mostRuns: number,
    onSmaller: (size: string, runs: number) => void,
  ): Promise<ShrunkCase> {
    const thread = await this.#thread();
    const answer = await thread.ask({ kind: "shrink", seed, failure, mostRuns }, onSmaller);
    this.#idle.push(thread);
    if (answer.kind !== "shrunk") throw new Error(`a worker answered '${answer.kind}'`);
    return answer.result;
  }

  /** Ends all threads. */
  close(): void {
    for (const thread of this.#threads) thread.end(new Error("the exploration was ended"));
    this.#threads.clear();
    this.#idle.length = 0;
  }

  async #exploreSeed(seed: number, signal: AbortSignal): Promise<SeedReport> {
    const thread = await this.#thread();
    signal.throwIfAborted();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#threads.delete(thread);
      thread.end(new Error("a seed never ended"));
    }, this.#mostSeedMs);
    try {
      const answer = await thread.ask({ kind: "explore", seed });
      this.#idle.push(thread);
      if (answer.kind !== "explored") throw new Error(`a worker answered '${answer.kind}'`);
      return answer.report;
    } catch (error) {
      if (!late) throw error;
      return neverEnded(seed);
    } finally {
      clearTimeout(timer);
    }
  }

  async #thread(): Promise<Thread> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const thread = new Thread();
    this.#threads.add(thread);
    await thread.ask({ kind: "setup", setup: this.#setup });
    return thread;
  }
}

function neverEnded(seed: number): SeedReport {
  return {
    seed,
    valid: false,
    failure: [NEVER_ENDED],
    features: {},
    faults: [],
    operations: 0,
    messages: 0,
    elapsed: 0,
  };
}

/** One thread. It is asked one thing at a time. */
class Thread {
  readonly #worker = new Worker(new URL("./explore_worker.ts", import.meta.url), {
    type: "module",
  });
  #settle: ((answer: WorkerAnswer | Error) => void) | undefined;
  #onSmaller: (size: string, runs: number) => void = () => {};

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
      if (data.kind === "smaller") this.#onSmaller(data.size, data.runs);
      else if (data.kind === "failed") this.#settle?.(errorOf(data));
      else this.#settle?.(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#settle?.(new Error(event.message));
    };
  }

  ask(request: WorkerRequest, onSmaller = (_size: string, _runs: number) => {}) {
    this.#onSmaller = onSmaller;
    return new Promise<WorkerAnswer>((resolve, reject) => {
      this.#settle = (answer) => {
        this.#settle = undefined;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      this.#worker.postMessage(request);
    });
  }

  end(why: Error): void {
    this.#worker.terminate();
    this.#settle?.(why);
  }
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === "StartError") return new StartError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
