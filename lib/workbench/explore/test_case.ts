/**
 * A case: a deterministic test as data. Its fields and the node's code determine every event of a
 * run on the simulated engine.
 *
 * @module
 */

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import {
  findWorkload,
  LATENCY_DISTRIBUTIONS,
  optionsProblem,
  type TestOptions,
} from "../../workload/mod.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import { parseNemesisOp } from "../nemesis.ts";
import { unknownWorkload } from "../load_workload.ts";
import { ScheduleError, toSchedule } from "../schedule_file.ts";
import type { ClientLoad } from "./client_load.ts";
import { TRIGGERED_FAULT_NAMES, type Triggers } from "./triggers.ts";

/** A deterministic test. */
export interface TestCase {
  /** The path of the program that runs one node. */
  readonly bin: string;
  /** The node's command line arguments. */
  readonly args: readonly string[];
  /** More flags of the node, without dashes: values of its definition's `explores`. */
  readonly flags?: Readonly<Record<string, number>>;
  /** The path of the module that exports the workload, if it is not one of Maelstrom's. */
  readonly workloadModule?: string;
  /** The options of the test, including its seed. */
  readonly options: TestOptions;
  /** The events of the nemesis. */
  readonly schedule: readonly NemesisEvent[];
  /** More faults, which begin when nodes reach coverage points; none by default. */
  readonly triggers?: Triggers;
  /** Whether a node receives a message only after it has handled the previous one, as in Maelstrom. */
  readonly serialDelivery: boolean;
  /** The limit on operations in the main phase; none by default. */
  readonly mostOperations?: number;
  /**
   * The numbers of the operations that clients make in the main phase, from 0 in the order of the
   * generator; the others are left out. All by default.
   */
  readonly operations?: readonly number[];
  /** The workers whose clients make operations in the final phase; all by default. */
  readonly finalWorkers?: readonly number[];
  /** Whether writes may be lost that a node has acknowledged, see `RESTART_ANY`. */
  readonly toleratesLoss?: boolean;
  /** What clients refrain from in the main phase; nothing by default. */
  readonly clients?: ClientLoad;
  /** The mean duration of an fsync in milliseconds; that of the engine by default. */
  readonly diskLatencyMs?: number;
  /** Whether all nodes must agree in the end where the workload leaves that to them. */
  readonly agreement?: boolean;
  /** Whether nodes claim that they never show less than before, see `monotonic_reads.ts`. */
  readonly monotonicReads?: boolean;
  /** The time after the heal in which nodes claim to converge, in milliseconds; Maelstrom's by default. */
  readonly convergenceMs?: number;
}

/** The contents of a case file: a case and its failure. */
export interface CaseFile {
  readonly case: TestCase;
  /** The failure when the case was saved, as `checker: anomaly`; empty for a valid run. */
  readonly failure: readonly string[];
}

/** A text is not a valid case file. The error text explains why. */
export class CaseError extends Error {
  override readonly name = "CaseError";
}

/** Version 2 gave units to the names of options: `timeLimitSeconds`, `ratePerSecond`, `meanMs`. */
const FORMAT = "maelstrom-case-2";
const PREVIOUS_FORMAT = "maelstrom-case-1";

const positive: Schema<number> = {
  expectation: "an integer from 1",
  problem: (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= 1
      ? undefined
      : `${path} must be ${positive.expectation}, got ${stringifyJson(value) ?? "nothing"}`,
};

/** Matches objects. An error names the object, not its fields, which would hide what is wrong. */
function objectOf<F extends schema.Fields>(fields: F): Schema<schema.InferFields<F>> {
  return { ...schema.object(fields), expectation: "an object" };
}

const optionsSchema = objectOf({
  workload: schema.string,
  nodes: schema.array(schema.string),
  concurrency: positive,
  timeLimitSeconds: schema.number,
  ratePerSecond: schema.number,
  latency: objectOf({
    meanMs: schema.number,
    distribution: schema.either(...LATENCY_DISTRIBUTIONS.map((name) => schema.literal(name))),
  }),
  nemesis: schema.array(schema.string),
  nemesisIntervalSeconds: schema.number,
  topology: schema.string,
  consistencyModels: schema.array(schema.string),
  availability: schema.optional(schema.either(schema.number, schema.literal("total"))),
  keyCount: schema.optional(positive),
  maxTxnLength: positive,
  maxWritesPerKey: positive,
  seed: schema.string,
});

const caseSchema = objectOf({
  bin: schema.string,
  args: schema.array(schema.string),
  flags: schema.optional(schema.record(schema.number)),
  workloadModule: schema.optional(schema.string),
  options: optionsSchema,
  schedule: schema.array(schema.json),
  triggers: schema.optional(objectOf({
    faults: schema.array(
      schema.either(...TRIGGERED_FAULT_NAMES.map((name) => schema.literal(name))),
    ),
    maxDelayMs: schema.number,
    meanDurationMs: schema.number,
  })),
  serialDelivery: schema.boolean,
  mostOperations: schema.optional(schema.natural),
  operations: schema.optional(schema.array(schema.natural)),
  finalWorkers: schema.optional(schema.array(schema.natural)),
  clients: schema.optional(schema.object({
    readers: schema.optional(
      schema.object({ nodes: schema.array(schema.string), untilMs: schema.number }),
    ),
    quiet: schema.optional(schema.object({ fromMs: schema.number, toMs: schema.number })),
    skippedReads: schema.optional(schema.number),
  })),
  diskLatencyMs: schema.optional(schema.number),
  toleratesLoss: schema.optional(schema.boolean),
  agreement: schema.optional(schema.boolean),
  monotonicReads: schema.optional(schema.boolean),
  convergenceMs: schema.optional(schema.number),
});

/** Serialises a case as JSON with one event of the nemesis per line. */
export function encodeCase({ case: { schedule, ...rest }, failure }: CaseFile): string {
  const events = schedule.map((event) => `\n      ${stringifyJson(event)}`).join(",");
  const text = stringifyJson({ format: FORMAT, failure, case: { ...rest, schedule: null } }, 2);
  return `${
    text.replace('"schedule": null', () => `"schedule": [${events}${events && "\n    "}]`)
  }\n`;
}

/**
 * Parses a case file.
 *
 * @throws {CaseError} When the text is not a valid case file.
 */
export function decodeCase(text: string): CaseFile {
  let file: unknown;
  try {
    file = parseJson(text);
  } catch (error) {
    throw new CaseError(`it is not valid JSON: ${(error as Error).message}`);
  }
  if (isJsonObject(file) && file.format === PREVIOUS_FORMAT) {
    throw new CaseError(
      `its format is "${PREVIOUS_FORMAT}", expected "${FORMAT}"; find the case again with explore`,
    );
  }
  if (!isJsonObject(file) || file.format !== FORMAT) {
    throw new CaseError(
      `"format" must be "${FORMAT}"; expected a case.json that \`deno task explore\` wrote`,
    );
  }
  const failure = file.failure ?? [];
  const problem = caseSchema.problem(file.case, "case") ??
    schema.array(schema.string).problem(failure, "failure");
  if (problem !== undefined) throw new CaseError(problem);
  const testCase = file.case as JsonObject & TestCase;
  return { case: { ...testCase, schedule: scheduleOf(testCase) }, failure: failure as string[] };
}

/** Validates the schedule and options of a case; a workload of one's own is not loaded for that. */
function scheduleOf({ schedule, options, workloadModule }: TestCase): NemesisEvent[] {
  if (workloadModule === undefined) {
    const workload = findWorkload(options.workload);
    if (workload === undefined) throw new CaseError(unknownWorkload(options.workload));
    const problem = optionsProblem(workload, options);
    if (problem !== undefined) throw new CaseError(`case.options: ${problem}`);
  }
  try {
    return toSchedule(schedule, options.nodes);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new CaseError(`case.schedule: ${error.message}`);
  }
}

/** Returns all command line arguments of a case's nodes. */
export function argumentsOf({ args, flags = {} }: Pick<TestCase, "args" | "flags">): string[] {
  return [...args, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
}

/** Returns the case with another schedule, and with the names of its faults in the options. */
export function withSchedule(testCase: TestCase, schedule: readonly NemesisEvent[]): TestCase {
  const faults = new Set(schedule.flatMap(({ f }) => parseNemesisOp(f)?.fault ?? []));
  return { ...testCase, schedule, options: { ...testCase.options, nemesis: [...faults] } };
}
