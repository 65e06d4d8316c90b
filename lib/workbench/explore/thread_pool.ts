/**
 * Explores seeds on several threads.
 *
 * The pool assigns seeds in ascending order and passes on their reports in the same order. The
 * result of an exploration is therefore independent of the number and speed of threads.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { invariant } from "../../base/mod.ts";
import { StartError } from "../engine.ts";
import { describeSize } from "./case_size.ts";
import type { SeedReport } from "./explore_seed.ts";
import type { Failure } from "./failure.ts";
import type { ExploreSetup, ShrunkCase, ThreadReply, ThreadRequest } from "./thread_messages.ts";

/**
 * The real time after which a seed times out that shows no progress, and its thread is terminated. A
 * large seed may take longer on a busy machine.
 */
const SEED_TIMEOUT_MS = 120_000;
/** The failure of a seed that timed out. */
export const SEED_TIMED_OUT = "engine: timed out";
/** The failure of a seed whose simulation needed more than {@link MAX_THREAD_MEMORY_MB}. */
export const OUT_OF_MEMORY = "engine: out of memory";
/** The maximum size of a thread's heap; a seed of a correct node needs a tenth of it. */
const MAX_THREAD_MEMORY_MB = 1024;

/** The seeds of an exploration, and what to do with their reports. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** The difference of two seeds that follow each other; 1 by default. */
  readonly step?: number;
  /** Whether no further seed is started; those that run still end and are reported. */
  isOver?(): boolean;
  /** Called with the reports in ascending order of seeds; returning false ends the exploration. */
  onReport(report: SeedReport): boolean;
  /** Ends the exploration when aborted. */
  readonly signal: AbortSignal;
}

/** A pool of threads that explore seeds. */
export class ThreadPool {
  readonly #setup: ExploreSetup;
  readonly #threadCount: number;
  readonly #seedTimeoutMs: number;
  readonly #threads = new Set<Thread>();
  readonly #idle: Thread[] = [];

  /** Starts no threads yet; a seed without progress for `seedTimeoutMs` times out. */
  constructor(setup: ExploreSetup, threadCount: number, seedTimeoutMs = SEED_TIMEOUT_MS) {
    this.#setup = setup;
    this.#threadCount = threadCount;
    this.#seedTimeoutMs = seedTimeoutMs;
  }

  /**
   * Explores seeds until all are done, `onReport` returns false, or the signal is aborted.
   *
   * @throws {StartError} When a node cannot be started.
   */
  async explore(range: SeedRange): Promise<void> {
    const { from, count, step = 1, onReport, signal } = range;
    const unreported = new Map<number, SeedReport>();
    let started = 0;
    let nextReported = from;
    let isContinuing = true;
    const exploreSeeds = async () => {
      while (isContinuing && !signal.aborted && started < count && range.isOver?.() !== true) {
        const seed = from + step * started++;
        unreported.set(seed, await this.#exploreSeed(seed, signal));
        for (
          let report = unreported.get(nextReported);
          report && isContinuing;
          report = unreported.get(nextReported)
        ) {
          if (signal.aborted) return;
          invariant(report.seed === nextReported, "reports are passed on in order of their seeds");
          unreported.delete(nextReported);
          nextReported += step;
          isContinuing = onReport(report);
        }
      }
    };
    const onAbort = () => this.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.all(Array.from({ length: this.#threadCount }, exploreSeeds));
    } catch (error) {
      // Aborting terminates threads while they explore, which rejects their requests.
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /**
   * Shrinks the case of a failed seed; calls `onProgress` for each smaller case that fails. When the
   * pool is closed meanwhile, the result is the smallest case so far.
   */
  async shrink(
    seed: number,
    failure: Failure,
    maxRuns: number,
    onProgress: (size: string, runs: number) => void,
  ): Promise<ShrunkCase> {
    const thread = await this.#idleThread();
    let smallest: ShrunkCase | undefined;
    let reply: ThreadReply;
    try {
      reply = await thread.request({ kind: "shrink", seed, failure, maxRuns }, (progress) => {
        if (progress.kind !== "shrinking") return;
        smallest = progress.result;
        onProgress(describeSize(smallest.shrunk.case), smallest.runs);
      });
    } catch (error) {
      if (this.#threads.has(thread) || smallest === undefined) throw error;
      return smallest;
    }
    this.#idle.push(thread);
    if (reply.kind !== "shrunk") throw unexpectedReply("shrunk", reply);
    return reply.result;
  }

  /** Terminates all threads. */
  close(): void {
    for (const thread of this.#threads) thread.terminate(new Error("the thread pool was closed"));
    this.#threads.clear();
    this.#idle.length = 0;
  }

  async #exploreSeed(seed: number, signal: AbortSignal): Promise<SeedReport> {
    const thread = await this.#idleThread();
    signal.throwIfAborted();
    let hasTimedOut = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const restartTimer = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hasTimedOut = true;
        this.#threads.delete(thread);
        thread.terminate(new Error(`seed ${seed} timed out`));
      }, this.#seedTimeoutMs);
    };
    restartTimer();
    try {
      const reply = await thread.request({ kind: "explore", seed }, restartTimer);
      this.#idle.push(thread);
      if (reply.kind !== "explored") throw unexpectedReply("explored", reply);
      return reply.report;
    } catch (error) {
      if (hasTimedOut) return abortedReport(seed, SEED_TIMED_OUT);
      if (!(error instanceof OutOfMemoryError)) throw error;
      this.#threads.delete(thread);
      return abortedReport(seed, OUT_OF_MEMORY);
    } finally {
      clearTimeout(timer);
    }
  }

  async #idleThread(): Promise<Thread> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const thread = new Thread();
    this.#threads.add(thread);
    await thread.request({ kind: "setup", setup: this.#setup });
    return thread;
  }
}

function unexpectedReply(expected: ThreadReply["kind"], { kind }: ThreadReply): Error {
  return new Error(`expected the reply "${expected}" from a thread, got "${kind}"`);
}

function abortedReport(seed: number, failure: string): SeedReport {
  return {
    seed,
    valid: false,
    failure: [failure],
    signature: [`seed ${seed} did not end: ${failure}`],
    coverage: {},
    faults: [],
    operations: 0,
    messages: 0,
    elapsedMs: 0,
  };
}

/** A thread ended because its heap reached the limit. */
class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
}

/** A reply that another one follows. */
type ThreadProgress = Extract<ThreadReply, { readonly kind: "shrinking" | "running" }>;

/** A thread, which executes one request at a time. */
class Thread {
  readonly #worker = new Worker(new URL("./explore_thread.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_THREAD_MEMORY_MB },
  });
  #settle: ((result: ThreadReply | Error) => void) | undefined;
  #onProgress: (progress: ThreadProgress) => void = () => {};

  constructor() {
    this.#worker.on("message", (data: ThreadReply) => {
      if (data.kind === "shrinking" || data.kind === "running") this.#onProgress(data);
      else if (data.kind === "failed") this.#settle?.(errorOf(data));
      else this.#settle?.(data);
    });
    this.#worker.on("error", (error: Error & { readonly code?: string }) => {
      const isOutOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#settle?.(isOutOfMemory ? new OutOfMemoryError(error.message) : error);
    });
  }

  /** Sends a request and resolves with its reply; rejects when the thread fails or terminates. */
  request(request: ThreadRequest, onProgress: (progress: ThreadProgress) => void = () => {}) {
    invariant(this.#settle === undefined, "a thread executes one request at a time");
    this.#onProgress = onProgress;
    return new Promise<ThreadReply>((resolve, reject) => {
      this.#settle = (result) => {
        this.#settle = undefined;
        // A sign of progress may still be on its way when a thread is terminated.
        this.#onProgress = () => {};
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      this.#worker.postMessage(request);
    });
  }

  /** Stops the thread; rejects its current request with the reason. */
  terminate(reason: Error): void {
    this.#worker.terminate();
    this.#settle?.(reason);
  }
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === "StartError") return new StartError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
