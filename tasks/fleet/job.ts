/**
 * A job of a fleet: an exploration whose seeds are divided into ranges, which workers take from a
 * queue. This module has its names on the NATS server, and its messages.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { isJsonObject, parseJson, stringifyJson } from "../../lib/base/mod.ts";
import { type Schema, schema } from "../../lib/wire/mod.ts";
import type { ExploreSetup, Failure, SeedReport } from "../../lib/workbench/explore/mod.ts";
import { decodeSetup, ReportLineError, seedReportSchema } from "../explore/report_lines.ts";
import type { Revision } from "../explore/revision.ts";

/** What the workers of a job need to know. */
export interface JobSpec {
  readonly revision: Revision;
  /** The paths in it are relative to the folder of the project. */
  readonly setup: ExploreSetup;
  /** The first seed, the difference of two seeds, and their number. */
  readonly from: number;
  readonly step: number;
  readonly count: number;
  /** The number of seeds in a range; the last range may have fewer. */
  readonly rangeSeeds: number;
  readonly shrinkRuns: number;
}

/** A message of a worker. */
export type WorkerMessage =
  /** The reports of all seeds of a range. */
  | {
    readonly kind: "result";
    readonly worker: string;
    readonly range: number;
    readonly reports: readonly SeedReport[];
  }
  /** The worker does not take part. */
  | { readonly kind: "refused"; readonly worker: string; readonly reason: string }
  /** The job cannot be run. */
  | { readonly kind: "failed"; readonly worker: string; readonly reason: string }
  /** The worker found a message in the queue that is not valid. */
  | { readonly kind: "malformed"; readonly worker: string; readonly reason: string };

/** A message or a key of the server is not valid. The message says why. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** The time after which a range that its worker does not renew is given to another worker. */
export const LEASE_MS = 10_000;
/** Bounds of what is read from the server. */
export const MAX_RESULT_BYTES = 512 * 1024;
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
const MAX_ITEM_BYTES = 256;
const MAX_SPEC_BYTES = 64 * 1024;
const PACKED_FROM_BYTES = 64 * 1024;
const FORMAT = "explore-job-1";
const ID_CHARACTERS = 20;

/** The bucket that has each job's specification. */
export const JOBS_BUCKET = "explore_jobs";
/** The bucket in which a worker claims a failure. */
export const CLAIMS_BUCKET = "explore_claims";
const STREAM_PREFIX = "explore_job_";

/** Returns the job's id: the same exploration of the same code has the same id. */
export function jobId(spec: JobSpec): string {
  return digestOf([spec]);
}

/** Returns the key under which a failure of some code is claimed. */
export function claimKey({ revision, setup }: JobSpec, failure: Failure): string {
  return digestOf([revision.code, revision.deno, setup, failure]);
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(stringifyJson(value)).digest("hex").slice(0, ID_CHARACTERS);
}

/** Returns the names of a job's stream and subjects. */
export function namesOf(job: string) {
  return {
    stream: STREAM_PREFIX + job,
    work: `explore.${job}.work`,
    out: `explore.${job}.out`,
    consumer: "workers",
  };
}

/** Returns the job of a stream; undefined for a stream of another kind. */
export function jobOfStream(stream: string): string | undefined {
  return stream.startsWith(STREAM_PREFIX) ? stream.slice(STREAM_PREFIX.length) : undefined;
}

/** Returns the seeds of a range: the first one and their number, which is 0 beyond the last range. */
export function seedsOfRange({ from, step, count, rangeSeeds }: JobSpec, range: number) {
  const before = range * rangeSeeds;
  return {
    from: from + step * before,
    step,
    count: Math.max(0, Math.min(rangeSeeds, count - before)),
  };
}

/** Returns the number of ranges of a job. */
export function rangesOf({ count, rangeSeeds }: JobSpec): number {
  return Math.ceil(count / rangeSeeds);
}

const specSchema = schema.object({
  revision: schema.object({ commit: schema.string, code: schema.string, deno: schema.string }),
  setup: schema.json,
  from: schema.natural,
  step: schema.natural,
  count: schema.natural,
  rangeSeeds: schema.natural,
  shrinkRuns: schema.natural,
});
const MAX_RANGE_SEEDS = 1000;

/** Encodes a specification. */
export function encodeSpec(spec: JobSpec): string {
  return stringifyJson({ format: FORMAT, ...spec });
}

/**
 * Decodes a specification.
 *
 * @throws {MalformedError} It is not valid, or names a module outside of the project.
 */
export function decodeSpec(bytes: Uint8Array): JobSpec {
  const value = decodeJson(bytes, MAX_SPEC_BYTES);
  if (!isJsonObject(value) || value.format !== FORMAT) {
    throw new MalformedError(`"format" must be "${FORMAT}"`);
  }
  const { format: _, ...rest } = value;
  const spec = valid<JobSpec>(rest, specSchema, "the job");
  if (spec.step < 1 || spec.rangeSeeds < 1 || spec.rangeSeeds > MAX_RANGE_SEEDS) {
    throw new MalformedError(`step must be from 1, rangeSeeds from 1 to ${MAX_RANGE_SEEDS}`);
  }
  const last = spec.from + spec.step * spec.count;
  if (!Number.isSafeInteger(last)) throw new MalformedError(`its last seed ${last} is too large`);
  const setup = attempt(() => decodeSetup(spec.setup));
  const problem = modulePathProblem(setup.bin) ??
    (setup.workload.includes("/") ? modulePathProblem(setup.workload) : undefined);
  if (problem !== undefined) throw new MalformedError(problem);
  return { ...spec, setup };
}

/**
 * Returns why a path that came from elsewhere does not name a module below the project's folder;
 * undefined if it does.
 */
export function modulePathProblem(path: string): string | undefined {
  const parts = path.split("/");
  const isPlain = /^[\w.@/-]+$/.test(path) && !path.startsWith("/") &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  return isPlain
    ? undefined
    : `the module "${path}" must be a path below the project's folder, such as nodes/echo.ts`;
}

/** Encodes an item of the queue. */
export function encodeItem(range: number): string {
  return stringifyJson({ range });
}

/** Decodes an item of the queue of a job. Throws a {@link MalformedError}. */
export function decodeItem(bytes: Uint8Array, spec: JobSpec): number {
  const value = decodeJson(bytes, MAX_ITEM_BYTES);
  const { range } = valid<{ readonly range: number }>(
    value,
    schema.object({ range: schema.natural }),
    "the item",
  );
  if (range >= rangesOf(spec)) {
    throw new MalformedError(`range must be below ${rangesOf(spec)}, got ${range}`);
  }
  return range;
}

const noteSchema = schema.object({
  kind: schema.either(
    schema.literal("refused"),
    schema.literal("failed"),
    schema.literal("malformed"),
  ),
  worker: schema.string,
  reason: schema.string,
});
const resultSchema = schema.object({
  kind: schema.literal("result"),
  worker: schema.string,
  range: schema.natural,
  reports: schema.array(seedReportSchema),
});

/** Encodes a worker's message; a long one is packed with gzip. */
export function encodeMessage(message: WorkerMessage): Uint8Array {
  const bytes = new TextEncoder().encode(stringifyJson(message));
  return bytes.length < PACKED_FROM_BYTES ? bytes : gzipSync(bytes);
}

/**
 * Decodes a worker's message. A result must have the reports of exactly the seeds of its range.
 *
 * @throws {MalformedError} It is not valid.
 */
export function decodeMessage(bytes: Uint8Array, spec: JobSpec): WorkerMessage {
  const value = decodeJson(bytes, MAX_RESULT_BYTES);
  if (!isJsonObject(value) || value.kind !== "result") {
    return valid<WorkerMessage>(value, noteSchema, "the message");
  }
  const result = valid<WorkerMessage & { readonly kind: "result" }>(
    value,
    resultSchema,
    "the result",
  );
  const { from, step, count } = seedsOfRange(spec, result.range);
  const isWhole = count > 0 && result.reports.length === count &&
    result.reports.every(({ seed }, index) => seed === from + step * index);
  if (!isWhole) throw new MalformedError(`it has not the seeds of range ${result.range}`);
  return result;
}

/** Throws a {@link MalformedError} for more bytes than this. */
export function checkSize({ length }: Uint8Array, maxBytes: number): void {
  if (length > maxBytes) {
    throw new MalformedError(`it has ${length} bytes, expected at most ${maxBytes}`);
  }
}

function decodeJson(bytes: Uint8Array, maxBytes: number): unknown {
  checkSize(bytes, maxBytes);
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = isPacked ? gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }) : bytes;
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (error) {
    throw new MalformedError(`it is not valid JSON: ${(error as Error).message}`);
  }
}

function valid<T>(value: unknown, schema: Schema<unknown>, name: string): T {
  const found = schema.problem(value, name);
  if (found !== undefined) throw new MalformedError(found);
  return value as T;
}

function attempt<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ReportLineError) throw new MalformedError(error.message);
    throw error;
  }
}
