/**
 * The interpreter, as in Jepsen: executes a generator's operations on workers.
 *
 * A worker runs one process at a time, with a client of node (worker mod nodes). When an operation
 * ends with `info`, the process ends, and the worker continues as a new process with a new client.
 * Operations are staggered: the gaps between them are uniform in [0, 2 × mean) across all workers.
 * An operation that had to wait for a free worker delays all later ones.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { exceptionRecord, type Operation } from "../history/mod.ts";
import type {
  Client,
  Completion,
  Generator,
  GeneratorContext,
  Invocation,
} from "../workload/mod.ts";
import type { Clock } from "./clock.ts";
import type { Recorder, UnrecordedOperation } from "./recorder.ts";

/** A client that can be closed. */
export interface OpenClient {
  readonly client: Client;
  close(): void;
}

/** An interpreter's settings and environment. */
export interface InterpreterParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly concurrency: number;
  /** Opens a client for a worker. */
  openClient(worker: number): OpenClient;
  /** Whether a worker keeps its client after an operation that ended with `info`. */
  readonly reusesClients: boolean;
  /** Ends all phases early, without waiting for outstanding operations. */
  readonly signal: AbortSignal;
}

/** One phase of a test, with its own generator. */
export interface GeneratorPhase {
  readonly generator: Generator;
  /** The mean time between two operations in milliseconds; 0 invokes whenever a worker is free. */
  readonly meanGapMs: number;
  /** The time from which no operation is invoked, in milliseconds since the test began. */
  readonly endMs: number;
}

interface Worker {
  readonly index: number;
  process: number;
  busy: boolean;
  openClient: OpenClient | undefined;
}

/** The interpreter of one test; its workers continue through all phases. */
export class Interpreter {
  readonly #parts: InterpreterParts;
  readonly #workers: Worker[];
  #nextWorker = 0;
  #outstanding = 0;
  #wake: () => void = () => {};

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
    this.#workers = Array.from(
      { length: parts.concurrency },
      (_, index) => ({ index, process: index, busy: false, openClient: undefined }),
    );
    parts.signal.addEventListener("abort", () => this.#wake());
  }

  /**
   * Runs a phase until its generator is exhausted or its time is over; awaits outstanding
   * operations.
   */
  async run(phase: GeneratorPhase): Promise<void> {
    const { clock, random, signal } = this.#parts;
    let nextMs = clock.now();
    while (!signal.aborted) {
      const nowMs = clock.now();
      if (nowMs >= phase.endMs) break;
      if (nowMs < nextMs) {
        await this.#nextEvent(Math.min(nextMs, phase.endMs));
        continue;
      }
      const free = this.#free();
      if (free.length === 0) {
        await this.#nextEvent(phase.endMs);
        nextMs = Math.max(nextMs, clock.now());
        continue;
      }
      const context = this.#context(free);
      const next = phase.generator.next(context);
      if (next === undefined) break;
      if ("pending" in next) {
        await this.#nextEvent(Math.min(next.untilMs ?? phase.endMs, phase.endMs));
        nextMs = Math.max(nextMs, clock.now());
        continue;
      }
      this.#start(this.#workers[next.worker] as Worker, next.invocation, phase.generator);
      nextMs += random.next() * 2 * phase.meanGapMs;
    }
    while (this.#outstanding > 0 && !signal.aborted) await this.#nextEvent(Infinity);
  }

  /** Closes all clients. */
  close(): void {
    for (const worker of this.#workers) worker.openClient?.close();
  }

  /** Resolves when an operation completes, when the test is aborted, or at a time. */
  #nextEvent(untilMs: number): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const cancel = untilMs === Infinity ? () => {} : clock.after(
        Math.max(0, untilMs - clock.now()),
        () => this.#wake(),
      );
      this.#wake = () => {
        this.#wake = () => {};
        cancel();
        resolve();
      };
    });
  }

  /** Returns the free workers in round-robin order. */
  #free(): number[] {
    const free: number[] = [];
    const count = this.#workers.length;
    for (let offset = 0; offset < count; offset++) {
      const worker = this.#workers[(this.#nextWorker + offset) % count] as Worker;
      if (!worker.busy) free.push(worker.index);
    }
    return free;
  }

  #context(free: readonly number[]): GeneratorContext {
    return {
      nowMs: this.#parts.clock.now(),
      free,
      concurrency: this.#workers.length,
      processOf: (worker) => (this.#workers[worker] as Worker).process,
    };
  }

  #start(worker: Worker, invocation: Invocation, generator: Generator): void {
    this.#nextWorker = (worker.index + 1) % this.#workers.length;
    worker.busy = true;
    this.#outstanding++;
    const unrecorded = unrecordedInvocation(invocation, worker.process);
    this.#record(unrecorded, worker, generator);
    this.#invoke(worker, invocation).then((completion) => {
      if (this.#parts.signal.aborted) return;
      this.#record({ ...unrecorded, ...completion }, worker, generator);
      worker.busy = false;
      this.#outstanding--;
      if (completion.type === "info") this.#startNewProcess(worker);
      this.#wake();
    });
  }

  async #invoke(worker: Worker, invocation: Invocation): Promise<InvokeResult> {
    try {
      worker.openClient ??= this.#parts.openClient(worker.index);
      return await worker.openClient.client.invoke(invocation);
    } catch (error) {
      return { type: "info", error: "indeterminate", exception: exceptionRecord(error) };
    }
  }

  #startNewProcess(worker: Worker): void {
    worker.process += this.#workers.length;
    if (this.#parts.reusesClients) return;
    worker.openClient?.close();
    worker.openClient = undefined;
  }

  #record(unrecorded: UnrecordedOperation, worker: Worker, generator: Generator): Operation {
    const operation = this.#parts.recorder.record(unrecorded);
    generator.update?.(operation, worker.index, this.#context([]));
    return operation;
  }
}

type InvokeResult = Completion & { readonly exception?: unknown };

function unrecordedInvocation(invocation: Invocation, process: number): UnrecordedOperation {
  return { type: "invoke", process, ...invocation };
}
