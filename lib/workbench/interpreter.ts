/**
 * Drives a generator's operations through workers (Jepsen's interpreter).
 *
 * A worker is one process at a time, with a client on node (worker mod nodes). When an operation
 * ends `info` the process is over: the worker goes on as a new process with a new client. Operations
 * are staggered: their gaps are drawn uniformly from 0 to twice the mean across all workers, and an
 * operation for which no worker was free moves the later ones back with it.
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

/** A client that can be given up. */
export interface OpenClient {
  readonly client: Client;
  close(): void;
}

/** What an interpreter is made of. */
export interface InterpreterParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly concurrency: number;
  /** Opens a client for a worker. */
  openClient(worker: number): OpenClient;
  /** Whether a client goes on after an operation that ended `info`. */
  readonly reusesClients: boolean;
  /** Ends all phases early: no more operations are begun, none is waited for. */
  readonly signal: AbortSignal;
}

/** One phase of a test. */
export interface GeneratorPhase {
  readonly generator: Generator;
  /** Mean milliseconds between two operations; 0 sends them as fast as workers are free. */
  readonly meanGapMs: number;
  /** Milliseconds since the test began after which no operation is begun. */
  readonly endMs: number;
}

interface Worker {
  readonly index: number;
  process: number;
  busy: boolean;
  open: OpenClient | undefined;
}

/** The interpreter of one test; its workers live through all phases. */
export class Interpreter {
  readonly #parts: InterpreterParts;
  readonly #workers: Worker[];
  #firstTried = 0;
  #outstanding = 0;
  #wake: () => void = () => {};

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
    this.#workers = Array.from(
      { length: parts.concurrency },
      (_, index) => ({ index, process: index, busy: false, open: undefined }),
    );
    parts.signal.addEventListener("abort", () => this.#wake());
  }

  /** Runs a phase until its generator is exhausted or its time is over, and all operations ended. */
  async run(phase: GeneratorPhase): Promise<void> {
    const { clock, random, signal } = this.#parts;
    let due = clock.now();
    while (!signal.aborted) {
      const now = clock.now();
      if (now >= phase.endMs) break;
      if (now < due) {
        await this.#event(Math.min(due, phase.endMs));
        continue;
      }
      const free = this.#free();
      if (free.length === 0) {
        await this.#event(phase.endMs);
        due = Math.max(due, clock.now());
        continue;
      }
      const context = this.#context(free);
      const next = phase.generator.next(context);
      if (next === undefined) break;
      if ("pending" in next) {
        await this.#event(Math.min(next.untilMs ?? phase.endMs, phase.endMs));
        due = Math.max(due, clock.now());
        continue;
      }
      this.#begin(this.#workers[next.worker] as Worker, next.invocation, phase.generator);
      due += random.next() * 2 * phase.meanGapMs;
    }
    while (this.#outstanding > 0 && !signal.aborted) await this.#event(Infinity);
  }

  /** Closes all clients. */
  close(): void {
    for (const worker of this.#workers) worker.open?.close();
  }

  /** Resolves when an operation ended, when the test is aborted, or at a time, whatever is first. */
  #event(until: number): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const cancel = until === Infinity ? () => {} : clock.after(
        Math.max(0, until - clock.now()),
        () => this.#wake(),
      );
      this.#wake = () => {
        this.#wake = () => {};
        cancel();
        resolve();
      };
    });
  }

  /** The free workers, in turn, so that all are used alike. */
  #free(): number[] {
    const free: number[] = [];
    const count = this.#workers.length;
    for (let offset = 0; offset < count; offset++) {
      const worker = this.#workers[(this.#firstTried + offset) % count] as Worker;
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

  #begin(worker: Worker, invocation: Invocation, generator: Generator): void {
    this.#firstTried = (worker.index + 1) % this.#workers.length;
    worker.busy = true;
    this.#outstanding++;
    const draft = unrecordedInvocation(invocation, worker.process);
    this.#record(draft, worker, generator);
    this.#invoke(worker, invocation).then((completion) => {
      if (this.#parts.signal.aborted) return;
      this.#record({ ...draft, ...completion }, worker, generator);
      worker.busy = false;
      this.#outstanding--;
      if (completion.type === "info") this.#renew(worker);
      this.#wake();
    });
  }

  async #invoke(worker: Worker, invocation: Invocation): Promise<InvokeResult> {
    try {
      worker.open ??= this.#parts.openClient(worker.index);
      return await worker.open.client.invoke(invocation);
    } catch (error) {
      return { type: "info", error: "indeterminate", exception: exceptionRecord(error) };
    }
  }

  #renew(worker: Worker): void {
    worker.process += this.#workers.length;
    if (this.#parts.reusesClients) return;
    worker.open?.close();
    worker.open = undefined;
  }

  #record(draft: UnrecordedOperation, worker: Worker, generator: Generator): Operation {
    const operation = this.#parts.recorder.record(draft);
    generator.update?.(operation, worker.index, this.#context([]));
    return operation;
  }
}

type InvokeResult = Completion & { readonly exception?: unknown };

function unrecordedInvocation(invocation: Invocation, process: number): UnrecordedOperation {
  return { type: "invoke", process, ...invocation };
}
