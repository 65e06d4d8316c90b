/**
 * A worker of a fleet: takes ranges of seeds from the queues of jobs, runs them, reports, and
 * acknowledges.
 *
 * Each thread takes a range for itself, so that no thread waits at the end of a range.
 *
 * @module
 */

import { type Consumer, jetstream, type JetStreamClient, type JsMsg } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { type SeedReport, ThreadPool } from "../../lib/workbench/explore/mod.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import { Claims } from "./claims.ts";
import { isMissing, persist, persistFirst } from "./connect.ts";
import {
  CLAIMS_BUCKET,
  decodeItem,
  decodeSpec,
  encodeMessage,
  JOBS_BUCKET,
  type JobSpec,
  LEASE_MS,
  MalformedError,
  namesOf,
  seedsOfRange,
  type WorkerMessage,
} from "./job.ts";
import { Shrinker } from "./shrinker.ts";

/** What a worker reports to its terminal. */
export interface WorkerObserver {
  /** A job was taken up or refused, or something was not valid. */
  readonly onEvent: (text: string) => void;
  /** A range was run. */
  onRange(seeds: number): void;
}

/** Returns why a worker cannot run a job; undefined if it can. */
export type FindProblem = (spec: JobSpec) => string | undefined;

/** The longest time that a request for a range waits at the server, with one job and with several. */
const WAIT_MS = { alone: 5000, shared: 1000 };
const IDLE_MS = 500;
const NOTE_TIMEOUT_MS = 5000;
/** KV entries expire after a day, so that a server does not keep what was abandoned. */
export const BUCKET_TTL_MS = 24 * 3_600_000;

interface Job {
  readonly id: string;
  readonly spec: JobSpec;
  readonly shrinker: Shrinker;
  /** Aborted when the job has ended, or the worker ends. */
  readonly signal: AbortSignal;
  end(): void;
  /** Its queue, once a thread has asked the server for it. */
  queue?: Consumer;
}

/** A worker. */
export class FleetWorker {
  readonly name: string;
  readonly #js: JetStreamClient;
  readonly #kvm: Kvm;
  readonly #findProblem: FindProblem;
  readonly #observer: WorkerObserver;
  readonly #signal: AbortSignal;
  readonly #jobs = new Map<string, Job>();

  constructor(
    name: string,
    connection: NatsConnection,
    findProblem: FindProblem,
    observer: WorkerObserver,
    signal: AbortSignal,
  ) {
    this.name = name;
    this.#js = jetstream(connection);
    this.#kvm = new Kvm(connection);
    this.#findProblem = findProblem;
    this.#observer = observer;
    this.#signal = signal;
  }

  /** Works with a number of threads until the signal is aborted. */
  async run(threads: number): Promise<void> {
    const open = (name: string) =>
      persistFirst(() => this.#kvm.create(name, { ttl: BUCKET_TTL_MS }), this.#signal);
    try {
      const [jobs, claims] = [await open(JOBS_BUCKET), await open(CLAIMS_BUCKET)];
      await Promise.all([
        this.#followJobs(jobs, claims),
        ...Array.from({ length: threads }, (_, index) => this.#work(index)),
      ]);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }

  /** Keeps the jobs up to date, until the signal is aborted. */
  async #followJobs(bucket: KV, claims: KV): Promise<void> {
    const refused = new Set<string>();
    while (!this.#signal.aborted) {
      const watch = await persist(() => bucket.watch(), this.#signal);
      const stop = () => watch.stop();
      this.#signal.addEventListener("abort", stop, { once: true });
      // The signal may have been aborted while the watch began.
      if (this.#signal.aborted) stop();
      for await (const { key, value, operation } of watch) {
        if (operation !== "PUT") {
          refused.delete(key);
          this.#drop(key, "has ended");
        } else if (!this.#jobs.has(key) && !refused.has(key)) {
          await this.#takeUp(key, value, claims);
          if (!this.#jobs.has(key)) refused.add(key);
        }
      }
      this.#signal.removeEventListener("abort", stop);
    }
  }

  async #takeUp(id: string, value: Uint8Array, claims: KV): Promise<void> {
    let spec: JobSpec;
    try {
      spec = decodeSpec(value);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#observer.onEvent(`refused job ${id}, which is not valid: ${error.message}`);
      return;
    }
    const problem = this.#findProblem(spec);
    const { setup: { workload, bin, args } } = spec;
    const what = `${workload} with ${[bin, ...args].join(" ")}`;
    if (problem !== undefined) {
      this.#observer.onEvent(`refused job ${id}, ${what}: ${problem}`);
      const limited = AbortSignal.any([this.#signal, AbortSignal.timeout(NOTE_TIMEOUT_MS)]);
      await this.#send({ id, signal: limited }, {
        kind: "refused",
        worker: this.name,
        reason: problem,
      });
      return;
    }
    this.#observer.onEvent(`job ${id}: ${what}`);
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#signal, ended.signal]);
    const shrinker = new Shrinker(
      new Claims(claims, id, spec),
      spec.shrinkRuns,
      this.#observer.onEvent,
      signal,
    );
    this.#jobs.set(id, { id, spec, shrinker, signal, end: () => ended.abort() });
  }

  #drop(id: string, why: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    this.#observer.onEvent(`job ${id} ${why}`);
    job.end();
  }

  /** Runs the ranges of one thread. */
  async #work(index: number): Promise<void> {
    let pool: { readonly id: string; readonly threads: ThreadPool } | undefined;
    for (let turn = index; !this.#signal.aborted; turn++) {
      const jobs = [...this.#jobs.values()];
      const job = jobs[turn % jobs.length];
      if (job === undefined) {
        await sleep(IDLE_MS);
        continue;
      }
      const message = await this.#take(job, jobs.length === 1 ? WAIT_MS.alone : WAIT_MS.shared);
      if (message === undefined) continue;
      if (pool?.id !== job.id) {
        pool?.threads.close();
        pool = { id: job.id, threads: new ThreadPool(job.spec.setup, 1) };
      }
      await this.#runItem(job, message, pool.threads);
    }
    pool?.threads.close();
  }

  /** Takes an item from a job's queue; undefined if there is none. */
  async #take(job: Job, waitMs: number): Promise<JsMsg | undefined> {
    const { stream, consumer } = namesOf(job.id);
    try {
      job.queue ??= await this.#js.consumers.get(stream, consumer);
      const message = await job.queue.next({ expires: waitMs });
      if (!this.#signal.aborted) return message ?? undefined;
      message?.nak();
    } catch (error) {
      const { name } = error as Error;
      if (name === "StreamNotFoundError" || name === "ConsumerNotFoundError") {
        this.#drop(job.id, "was deleted from the server");
      } else await sleep(IDLE_MS); // The server may be starting again.
    }
    return undefined;
  }

  async #runItem(job: Job, message: JsMsg, pool: ThreadPool): Promise<void> {
    let range: number;
    try {
      range = decodeItem(message.data, job.spec);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      message.term();
      this.#observer.onEvent(`refused an item of job ${job.id}: ${error.message}`);
      await this.#send(job, { kind: "malformed", worker: this.name, reason: error.message });
      return;
    }
    const renewal = setInterval(() => message.working(), LEASE_MS / 4);
    try {
      const reports = await this.#explore(job, range, pool);
      if (job.signal.aborted) return message.nak();
      await this.#send(job, { kind: "result", worker: this.name, range, reports });
      this.#observer.onRange(reports.length);
      for (const { seed, failure } of reports) {
        if (failure.length > 0) await job.shrinker.shrink(range, seed, failure, pool);
      }
      message.ack();
    } catch (error) {
      message.nak();
      if (job.signal.aborted) return;
      if (isMissing(error)) return this.#drop(job.id, "was deleted from the server");
      if (!(error instanceof StartError)) throw error;
      const reason = `the node does not start: ${error.message}`;
      await this.#send(job, { kind: "failed", worker: this.name, reason });
      this.#drop(job.id, `failed: ${reason}`);
    } finally {
      clearInterval(renewal);
    }
  }

  async #explore({ spec, signal }: Job, range: number, pool: ThreadPool): Promise<SeedReport[]> {
    const reports: SeedReport[] = [];
    await pool.explore({
      ...seedsOfRange(spec, range),
      signal,
      onReport: (report) => reports.push(report) > 0,
    });
    return reports;
  }

  /** Sends a message about a job, again until the server has stored it or the signal is aborted. */
  async #send(
    { id, signal }: Pick<Job, "id" | "signal">,
    message: WorkerMessage,
  ): Promise<void> {
    const { out } = namesOf(id);
    const part = message.kind === "result" ? `${message.range}` : `${this.name} ${message.kind}`;
    const bytes = encodeMessage(message);
    try {
      await persist(() => this.#js.publish(out, bytes, { msgID: `${id} ${part}` }), signal);
    } catch (error) {
      // The stream of a job that has ended does not exist.
      if (!signal.aborted && !isMissing(error)) throw error;
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
