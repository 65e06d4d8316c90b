/**
 * The lines of a report file of an exploration: a header, a line for each seed, known cases, shrunk
 * cases, and the end. `deno task explore merge` adds such files up.
 *
 * A line depends on the code and the seed alone, not on the shard, the machine or its speed. Times
 * are in the last line only.
 *
 * @module
 */

import { isJsonObject, parseJson, stringifyJson } from "../../lib/base/mod.ts";
import { type Schema, schema } from "../../lib/wire/mod.ts";
import {
  CaseError,
  type CaseFile,
  decodeCase,
  encodeCase,
  type ExploreSetup,
  type Failure,
  type SeedReport,
} from "../../lib/workbench/explore/mod.ts";
import type { Revision } from "./revision.ts";

/** Which part of the seeds a report is about: those with the number `index` − 1 modulo `count`. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** The first line of a report: what was explored. */
export interface ReportHeader {
  readonly revision: Revision;
  readonly setup: ExploreSetup;
  /** The first seed of all shards. */
  readonly from: number;
  /** The number of seeds of all shards; null without a limit. */
  readonly seeds: number | null;
  readonly shard: Shard;
  /** The coverage points that should be reached. */
  readonly expected: readonly string[];
}

/** A case of the ledger that was run before the seeds. */
export interface KnownCase {
  readonly failure: Failure;
  readonly seed: string;
  /** What the case shows now; empty if it passes. */
  readonly found: Failure;
}

/** The shrunk case of a failure. */
export interface ShrunkFailure {
  /** The failure of the seed. */
  readonly failure: Failure;
  readonly seed: number;
  /** The number of runs that shrinking took. */
  readonly runs: number;
  /** The duration of the shrunk case in virtual time. */
  readonly elapsedMs: number;
  readonly shrunk: CaseFile;
}

/** Why an exploration ended: all seeds were run, the time was over, or a signal. */
const ENDS = ["complete", "first failure", "time limit", "interrupted"] as const;
/** One of {@link ENDS}. */
export type End = typeof ENDS[number];

/** A line of a report. */
export type ReportLine =
  | { readonly kind: "header"; readonly header: ReportHeader }
  | { readonly kind: "seed"; readonly report: SeedReport }
  | { readonly kind: "known"; readonly known: KnownCase }
  | { readonly kind: "shrunk"; readonly shrunk: ShrunkFailure }
  | { readonly kind: "end"; readonly end: End };

/** A text is not a line of a report. The message says why. */
export class ReportLineError extends Error {
  override readonly name = "ReportLineError";
}

const FORMAT = "explore-report-1";

const strings = schema.array(schema.string);
const shardSchema = schema.object({ index: schema.natural, count: schema.natural });
const setupSchema = schema.object({
  workload: schema.string,
  bin: schema.string,
  args: strings,
  faults: strings,
  fixedOptions: schema.record(schema.json),
  agreement: schema.optional(schema.boolean),
  monotonicReads: schema.optional(schema.boolean),
  convergenceMs: schema.optional(schema.number),
  triggered: schema.optional(schema.boolean),
  exploredFlags: schema.optional(schema.record(schema.array(schema.number))),
});
const headerSchema = schema.object({
  revision: schema.object({ commit: schema.string, code: schema.string, deno: schema.string }),
  setup: setupSchema,
  from: schema.natural,
  seeds: schema.either(schema.natural, schema.literal(null)),
  shard: shardSchema,
  expected: strings,
});
const seedFields = {
  seed: schema.natural,
  valid: schema.either(schema.boolean, schema.literal("unknown")),
  failure: strings,
  signature: strings,
  coverage: schema.record(schema.natural),
  faults: strings,
  operations: schema.natural,
  messages: schema.natural,
  elapsedMs: schema.number,
};
const knownSchema = schema.object({ failure: strings, seed: schema.string, found: strings });
const shrunkSchema = schema.object({
  failure: strings,
  seed: schema.natural,
  runs: schema.natural,
  elapsedMs: schema.number,
  case: schema.json,
});

/** The schema of a seed's report. */
export const seedReportSchema: Schema<unknown> = {
  ...schema.object(seedFields),
  problem(value, path) {
    const problem = schema.object(seedFields).problem(value, path);
    if (problem !== undefined) return problem;
    const { valid, failure } = value as SeedReport;
    return failure.length > 0 && valid !== false
      ? `${path} has a failure, so ${path}.valid must be false, got ${stringifyJson(valid)}`
      : undefined;
  },
};

/** Writes a line without its line end. The real time in seconds is for the reader of the last line. */
export function encodeLine(line: ReportLine, seconds?: number): string {
  switch (line.kind) {
    case "header":
      return stringifyJson({ format: FORMAT, ...line.header });
    case "seed":
      return stringifyJson(line.report);
    case "known":
      return stringifyJson({ known: line.known });
    case "shrunk":
      return stringifyJson({ shrunk: encodeShrunk(line.shrunk) });
    case "end":
      return stringifyJson({ end: line.end, seconds: seconds ?? 0 });
  }
}

/**
 * Parses a line.
 *
 * @throws {ReportLineError} The line is none of a report.
 */
export function decodeLine(text: string): ReportLine {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ReportLineError(`it is not valid JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(value)) throw new ReportLineError("it must be an object");
  if ("format" in value) {
    if (value.format !== FORMAT) {
      throw new ReportLineError(`"format" must be "${FORMAT}", got ${stringifyJson(value.format)}`);
    }
    const { revision, setup, from, seeds, shard, expected } = value;
    const header: unknown = { revision, setup, from, seeds, shard, expected };
    return { kind: "header", header: valid<ReportHeader>(header, headerSchema, "the header") };
  }
  if ("end" in value) {
    const end = ENDS.find((end) => end === value.end);
    if (end === undefined) {
      throw new ReportLineError(`"end" must be one of ${ENDS.join(", ")}`);
    }
    return { kind: "end", end };
  }
  if ("known" in value) {
    return { kind: "known", known: valid<KnownCase>(value.known, knownSchema, "known") };
  }
  if ("shrunk" in value) return { kind: "shrunk", shrunk: decodeShrunk(value.shrunk) };
  return { kind: "seed", report: valid<SeedReport>(value, seedReportSchema, "the seed") };
}

/** Returns a shrunk case as JSON. */
function encodeShrunk({ shrunk, ...rest }: ShrunkFailure): unknown {
  return { ...rest, case: parseJson(encodeCase(shrunk)) };
}

/**
 * Reads a shrunk case from JSON.
 *
 * @throws {ReportLineError} It is not one.
 */
function decodeShrunk(value: unknown): ShrunkFailure {
  const { case: file, ...rest } = valid<Omit<ShrunkFailure, "shrunk"> & { readonly case: unknown }>(
    value,
    shrunkSchema,
    "shrunk",
  );
  try {
    return { ...rest, shrunk: decodeCase(stringifyJson(file)) };
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new ReportLineError(`shrunk.case: ${error.message}`);
  }
}

/** Returns a setup from JSON; throws a {@link ReportLineError} for another value. */
export function decodeSetup(value: unknown): ExploreSetup {
  return valid<ExploreSetup>(value, setupSchema, "setup");
}

/** Returns a value that matches the schema of the type `T`. */
function valid<T>(value: unknown, schema: Schema<unknown>, name: string): T {
  const found = schema.problem(value, name);
  if (found !== undefined) throw new ReportLineError(found);
  return value as T;
}
