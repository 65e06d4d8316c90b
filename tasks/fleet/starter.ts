/**
 * The starter of a job: divides seeds into ranges, queues them, and adds up the workers' results.
 *
 * The server keeps the ranges and the results. So a starter that dies can be started again with the
 * same arguments: it finds the job by its id, reads the results, and continues. Each range counts
 * once: a second result of it is ignored.
 *
 * @module
 */

import {
  AckPolicy,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { nanos, type NatsConnection } from "@nats-io/transport-node";
import type { Failure, SeedReport } from "../../lib/workbench/explore/mod.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import { type Claim, Claims } from "./claims.ts";
import { isMissing, persist, persistFirst, persistWrite } from "./connect.ts";
import {
  CLAIMS_BUCKET,
  decodeItem,
  decodeMessage,
  encodeItem,
  encodeSpec,
  jobId,
  JOBS_BUCKET,
  type JobSpec,
  LEASE_MS,
  MalformedError,
  namesOf,
  rangesOf,
} from "./job.ts";
import { deleteIdleJobs, readStream } from "./read_stream.ts";
import { BUCKET_TTL_MS } from "./worker.ts";

/** What a starter reports. */
export interface StarterObserver {
  /** Called with the reports of each range once, in any order of ranges. */
  onResult(range: number, reports: readonly SeedReport[]): void;
  onEvent(text: string): void;
}

/** The starter adds ranges while fewer than this wait in the queue. */
const MIN_QUEUED = 8;
const PLAN_INTERVAL_MS = 250;
const INFO_INTERVAL_MS = 1000;
/** The specification on the server expires after {@link BUCKET_TTL_MS}. */
const RENEWAL_INTERVAL_MS = 3_600_000;
const MAX_ACK_PENDING = 100_000;
const MAX_SHOWN_CHARACTERS = 200;
const ACTIVE_MS = 30_000;
const DELETED = "the job was deleted from the server; start it again";
const reasonOf = (error: unknown) => isMissing(error) ? new StartError(DELETED) : error;

/** A job. */
export class FleetJob {
  readonly id: string;
  readonly #spec: JobSpec;
  readonly #names: ReturnType<typeof namesOf>;
  readonly #js: JetStreamClient;
  readonly #jsm: JetStreamManager;
  readonly #jobs: KV;
  readonly #claims: Claims;
  readonly #observer: StarterObserver;
  /** Aborted with the reason why the job cannot go on; it ends requests that would be repeated. */
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  /** The ranges that were put into the queue, and those whose results were counted. */
  readonly #planned = new Set<number>();
  readonly #counted = new Set<number>();
  /** When each worker last sent a result. */
  readonly #seen = new Map<string, number>();
  readonly #refusedWorkers = new Set<string>();
  #nextRange = 0;
  #malformed = 0;
  #repeated = 0;

  private constructor(
    spec: JobSpec,
    js: JetStreamClient,
    jsm: JetStreamManager,
    [jobs, claims]: readonly [KV, KV],
    observer: StarterObserver,
    signal: AbortSignal,
  ) {
    this.id = jobId(spec);
    this.#spec = spec;
    this.#names = namesOf(this.id);
    this.#js = js;
    this.#jsm = jsm;
    this.#jobs = jobs;
    this.#claims = new Claims(claims, this.id, spec);
    this.#observer = observer;
    this.#signal = AbortSignal.any([signal, this.#failed.signal]);
  }

  /** Puts a job on the server, or finds it there. Throws what {@link run} throws. */
  static async start(
    connection: NatsConnection,
    spec: JobSpec,
    observer: StarterObserver,
    signal: AbortSignal,
  ): Promise<FleetJob> {
    const jsm = await persistFirst(() => jetstreamManager(connection), signal);
    const kvm = new Kvm(connection);
    const open = (name: string) => persist(() => kvm.create(name, { ttl: BUCKET_TTL_MS }), signal);
    const buckets = [await open(JOBS_BUCKET), await open(CLAIMS_BUCKET)] as const;
    const job = new FleetJob(spec, jetstream(connection), jsm, buckets, observer, signal);
    for (const id of await persist(() => deleteIdleJobs(jsm, buckets[0]), signal)) {
      observer.onEvent(`deleted job ${id}, which was idle for a day`);
    }
    await job.#create().catch((error) => Promise.reject(reasonOf(error)));
    return job;
  }

  /** The number of workers that sent a result within {@link ACTIVE_MS}. */
  get workers(): number {
    const since = performance.now() - ACTIVE_MS;
    return [...this.#seen.values()].filter((at) => at >= since).length;
  }

  /** The number of messages that were not valid, and of results that were counted before. */
  get ignored(): { readonly malformed: number; readonly repeated: number } {
    return { malformed: this.#malformed, repeated: this.#repeated };
  }

  /**
   * Runs the job until all ranges are counted. Once `isOver`, no further range is queued.
   *
   * @throws {StartError} A worker cannot run the job, or the job was deleted from the server.
   */
  async run(isOver: () => boolean): Promise<void> {
    let isReading = true;
    const reading = this.#readResults(() => isReading);
    reading.catch((error) => this.#failed.abort(error));
    try {
      await this.#planUntilDone(isOver);
    } catch (error) {
      // Does not wait for the reader: it may wait indefinitely for a stream that was deleted.
      isReading = false;
      throw reasonOf(error);
    }
    isReading = false;
    await reading;
  }

  async #planUntilDone(isOver: () => boolean): Promise<void> {
    const total = rangesOf(this.#spec);
    let inFlight = 0;
    let infoAtMs = -Infinity;
    let renewedAtMs = performance.now();
    while (this.#outstanding > 0 || (this.#nextRange < total && !isOver())) {
      this.#signal.throwIfAborted();
      if (performance.now() - infoAtMs >= INFO_INTERVAL_MS) {
        infoAtMs = performance.now();
        inFlight = await this.#inFlight();
      }
      if (performance.now() - renewedAtMs >= RENEWAL_INTERVAL_MS) {
        renewedAtMs = performance.now();
        await this.#renew();
      }
      const target = inFlight + Math.max(MIN_QUEUED, inFlight);
      while (!isOver() && this.#nextRange < total && this.#outstanding < target) await this.#plan();
      await new Promise((resolve) => setTimeout(resolve, PLAN_INTERVAL_MS));
    }
  }

  /** Returns the case that a worker has shrunk, once it has; undefined if no worker shrinks it. */
  async shrunkCase(failure: Failure) {
    let claim: Claim | undefined;
    try {
      do {
        claim = await persist(() => this.#claims.read(failure), this.#signal);
        if (claim?.done !== undefined || claim?.job !== this.id) break;
        await new Promise((resolve) => setTimeout(resolve, PLAN_INTERVAL_MS));
      } while (await this.#inFlight() > 0);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#malformed++;
    }
    return claim?.done;
  }

  /** Deletes the job from the server. */
  async end(): Promise<void> {
    await persist(() => this.#jobs.delete(this.id), this.#signal);
    await persist(() => this.#jsm.streams.delete(this.#names.stream), this.#signal);
  }

  get #outstanding(): number {
    return this.#planned.size - this.#counted.size;
  }

  /** Creates the stream and its consumer, or reads what they already have. */
  async #create(): Promise<void> {
    const { stream, work, out, consumer } = this.#names;
    const config = { name: stream, subjects: [work, out] };
    const info = await persist(() => this.#jsm.streams.add(config), this.#signal);
    const queue = {
      durable_name: consumer,
      filter_subject: work,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(LEASE_MS),
      max_ack_pending: MAX_ACK_PENDING,
    };
    await persist(() => this.#jsm.consumers.add(stream, queue), this.#signal);
    if (info.state.messages > 0) {
      this.#observer.onEvent(`continuing job ${this.id}, which is on the server`);
      await this.#readPlanned();
    }
    await this.#renew();
  }

  /** Stores the job's specification, which would expire. */
  async #renew(): Promise<void> {
    const put = () => this.#jobs.put(this.id, encodeSpec(this.#spec));
    await persistWrite(put, () => this.#jobs.status(), this.#signal);
  }

  /** Puts the next range into the queue. */
  async #plan(): Promise<void> {
    const range = this.#nextRange++;
    if (this.#planned.has(range)) return;
    const { stream, work } = this.#names;
    const options = { msgID: `${this.id} work ${range}` };
    const publish = () => this.#js.publish(work, encodeItem(range), options);
    await persistWrite(publish, () => this.#jsm.streams.info(stream), this.#signal);
    this.#planned.add(range);
  }

  /** Reads the ranges that an earlier starter put into the queue. */
  async #readPlanned(): Promise<void> {
    const { stream, work: subject } = this.#names;
    await readStream(this.#js, {
      stream,
      subject,
      signal: this.#signal,
      isContinuing: (wasEmpty) => !wasEmpty,
      onMessage: (data) => {
        try {
          this.#planned.add(decodeItem(data, this.#spec));
        } catch (error) {
          // The worker that takes it reports it.
          if (!(error instanceof MalformedError)) throw error;
        }
      },
    });
  }

  async #readResults(isContinuing: () => boolean): Promise<void> {
    const { stream, out: subject } = this.#names;
    const isThere = await readStream(this.#js, {
      stream,
      subject,
      signal: this.#signal,
      isContinuing,
      onMessage: (data) => this.#receive(data),
    });
    if (!isThere) this.#failed.abort(new StartError(DELETED));
  }

  #receive(data: Uint8Array): void {
    let message;
    try {
      message = decodeMessage(data, this.#spec);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return void this.#malformed++;
    }
    const reason = "reason" in message ? message.reason.slice(0, MAX_SHOWN_CHARACTERS) : "";
    const worker = message.worker.slice(0, MAX_SHOWN_CHARACTERS);
    if (message.kind === "failed") {
      this.#failed.abort(new StartError(`worker ${worker}: ${reason}`));
    } else if (message.kind === "malformed") this.#malformed++;
    else if (message.kind === "refused") {
      if (this.#refusedWorkers.has(worker)) return;
      this.#refusedWorkers.add(worker);
      this.#observer.onEvent(`worker ${worker} refused the job: ${reason}`);
    } else if (!this.#planned.has(message.range)) this.#malformed++;
    else if (this.#counted.has(message.range)) this.#repeated++;
    else {
      this.#counted.add(message.range);
      this.#seen.set(worker, performance.now());
      this.#observer.onResult(message.range, message.reports);
    }
  }

  /** Returns the number of ranges that workers have and did not acknowledge. */
  async #inFlight(): Promise<number> {
    const { stream, consumer } = this.#names;
    const info = await persist(() => this.#jsm.consumers.info(stream, consumer), this.#signal);
    return info.num_ack_pending;
  }
}
