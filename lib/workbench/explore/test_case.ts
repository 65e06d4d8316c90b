/**
 * A case: one exactly repeatable test on the simulated engine, as data. Everything that happens in
 * it follows from what stands here and from the node's code.
 *
 * @module
 */

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import { findWorkload, LATENCY_DISTRIBUTIONS, type TestOptions } from "../../workload/mod.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import { parseNemesisOp } from "../nemesis.ts";
import { ScheduleError, toSchedule } from "../schedule_file.ts";

/** A case. */
export interface TestCase {
  /** The module of the node function. */
  readonly bin: string;
  /** The node's command line arguments. */
  readonly args: readonly string[];
  /** What is tested, and the seed. */
  readonly options: TestOptions;
  /** What the nemesis does. */
  readonly schedule: readonly NemesisEvent[];
  /** Whether receivers are serial, as Maelstrom's are. */
  readonly serialDelivery: boolean;
  /** How many operations the main phase has at most; as many as fit when not given. */
  readonly mostOperations?: number;
}

/** A case as it is kept, with how it fails. */
export interface CaseFile {
  readonly case: TestCase;
  /** What was wrong when it was run, as a list of `checker: anomaly`; empty when nothing was. */
  readonly failure: readonly string[];
}

/** Thrown for a file that is no case; says what is wrong with it. */
export class CaseError extends Error {
  override readonly name = "CaseError";
}

const FORMAT = "maelstrom-case-1";

const positive: Schema<number> = {
  expectation: "an integer from 1",
  problem: (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= 1
      ? undefined
      : `${path} must be ${positive.expectation}, not ${stringifyJson(value) ?? "missing"}`,
};

const optionsShape = schema.object({
  workload: schema.string,
  nodes: schema.array(schema.string),
  concurrency: positive,
  timeLimit: schema.number,
  rate: schema.number,
  latency: schema.object({
    mean: schema.number,
    distribution: schema.either(...LATENCY_DISTRIBUTIONS.map((name) => schema.literal(name))),
  }),
  nemesis: schema.array(schema.string),
  nemesisInterval: schema.number,
  topology: schema.string,
  consistencyModels: schema.array(schema.string),
  availability: schema.optional(schema.either(schema.number, schema.literal("total"))),
  keyCount: schema.optional(positive),
  maxTxnLength: positive,
  maxWritesPerKey: positive,
  seed: schema.string,
});

const caseShape = schema.object({
  bin: schema.string,
  args: schema.array(schema.string),
  options: optionsShape,
  schedule: schema.array(schema.json),
  serialDelivery: schema.boolean,
  mostOperations: schema.optional(schema.natural),
});

/** A case as text: JSON, with one act of the nemesis a line. */
export function encodeCase({ case: { schedule, ...rest }, failure }: CaseFile): string {
  const acts = schedule.map((event) => `\n      ${stringifyJson(event)}`).join(",");
  const text = stringifyJson({ format: FORMAT, failure, case: { ...rest, schedule: null } }, 2);
  return `${text.replace('"schedule": null', () => `"schedule": [${acts}${acts && "\n    "}]`)}\n`;
}

/** Reads a case. Throws a {@link CaseError}. */
export function decodeCase(text: string): CaseFile {
  let file: unknown;
  try {
    file = parseJson(text);
  } catch (error) {
    throw new CaseError(`it is not JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(file) || file.format !== FORMAT) {
    throw new CaseError(`it has no "format": "${FORMAT}", as the case.json of explore has`);
  }
  const failure = file.failure ?? [];
  const problem = caseShape.problem(file.case, "case") ??
    schema.array(schema.string).problem(failure, "failure");
  if (problem !== undefined) throw new CaseError(problem);
  const found = file.case as JsonObject & TestCase;
  return { case: { ...found, schedule: scheduleOf(found) }, failure: failure as string[] };
}

function scheduleOf({ schedule, options }: TestCase): NemesisEvent[] {
  const workload = findWorkload(options.workload);
  if (workload === undefined) throw new CaseError(`there is no workload '${options.workload}'`);
  if (options.nodes.length === 0) throw new CaseError("case.options.nodes must name a node");
  const problem = workload.problem?.(options);
  if (problem !== undefined) throw new CaseError(problem);
  try {
    return toSchedule(schedule, options.nodes);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new CaseError(`case.schedule: ${error.message}`);
  }
}

/** The case with this schedule; the options then name the faults that are in it. */
export function withSchedule(testCase: TestCase, schedule: readonly NemesisEvent[]): TestCase {
  const faults = new Set(schedule.flatMap(({ f }) => parseNemesisOp(f)?.fault ?? []));
  return { ...testCase, schedule, options: { ...testCase.options, nemesis: [...faults] } };
}
