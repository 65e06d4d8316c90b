/**
 * Completes the options of a test with defaults, and validates them, for every caller that starts a
 * test: the command line and programs.
 *
 * @module
 */

import { isClientId, SERVICES } from "../wire/mod.ts";
import { DEFAULT_OPTIONS, LATENCY_DISTRIBUTIONS, nodeIds, type TestOptions } from "./options.ts";
import type { Workload } from "./workload.ts";

/** Thrown for invalid options of a test. The message names the option and a valid value. */
export class InvalidOptionsError extends RangeError {
  override readonly name = "InvalidOptionsError";
}

/** Options of a test; those that are not given have defaults. */
export type GivenOptions = Partial<Omit<TestOptions, "workload" | "nodes">> & {
  /** Node ids, or the number of nodes n0, n1, …. */
  readonly nodes?: readonly string[] | number;
};

/**
 * Completes the options of a test of a workload. An option that is not given has the workload's own
 * default, else Maelstrom's. Maelstrom's default for `concurrency` is one worker a node.
 *
 * @throws {InvalidOptionsError} The completed options are invalid.
 */
export function completeOptions(workload: Workload, given: GivenOptions): TestOptions {
  const { nodes: givenNodes = DEFAULT_OPTIONS.nodes, ...others } = given;
  const nodes = typeof givenNodes === "number" ? nodeIds(givenNodes) : givenNodes;
  const options: TestOptions = {
    ...DEFAULT_OPTIONS,
    concurrency: nodes.length,
    ...workload.defaults?.(nodes),
    ...others,
    nodes,
    workload: workload.name,
  };
  validateOptions(workload, options);
  return options;
}

/**
 * Validates the options of a test of a workload: each option, and what the workload requires. The
 * names of faults are not validated here, because the workbench defines them.
 *
 * @throws {InvalidOptionsError} An option is invalid.
 */
export function validateOptions(workload: Workload, options: TestOptions): void {
  const problem = optionsProblem(workload, options);
  if (problem !== undefined) throw new InvalidOptionsError(problem);
}

/** Describes the first invalid option; undefined when all are valid. */
export function optionsProblem(workload: Workload, options: TestOptions): string | undefined {
  return nodesProblem(options.nodes) ?? numberProblem(options) ?? distributionProblem(options) ??
    workload.problem?.(options);
}

function nodesProblem(nodes: readonly string[]): string | undefined {
  if (nodes.length === 0) return "nodes must have at least one id";
  const repeated = nodes.find((id, index) => nodes.indexOf(id) !== index);
  if (repeated !== undefined) return `nodes must have different ids, got "${repeated}" twice`;
  const invalid = nodes.find((id) => id === "" || isClientId(id) || isServiceId(id));
  if (invalid === undefined) return undefined;
  return `a node id must not be empty, a client's (c1, c2, …) or a service's ` +
    `(${SERVICES.join(", ")}), got "${invalid}"`;
}

function isServiceId(id: string): boolean {
  return SERVICES.some((service) => service === id);
}

function numberProblem(options: TestOptions): string | undefined {
  const { availability, keyCount = 1 } = options;
  return integerProblem("concurrency", options.concurrency) ??
    atLeastProblem("timeLimitSeconds", options.timeLimitSeconds, 0) ??
    atLeastProblem("ratePerSecond", options.ratePerSecond, 0) ??
    atLeastProblem("latency.meanMs", options.latency.meanMs, 0) ??
    atLeastProblem("nemesisIntervalSeconds", options.nemesisIntervalSeconds, Number.MIN_VALUE) ??
    integerProblem("keyCount", keyCount) ??
    integerProblem("maxTxnLength", options.maxTxnLength) ??
    integerProblem("maxWritesPerKey", options.maxWritesPerKey) ??
    availabilityProblem(availability);
}

function integerProblem(name: string, value: number): string | undefined {
  if (Number.isSafeInteger(value) && value >= 1) return undefined;
  return `${name} must be an integer from 1, got ${value}`;
}

function atLeastProblem(name: string, value: number, min: number): string | undefined {
  if (Number.isFinite(value) && value >= min) return undefined;
  return `${name} must be a number ${min === 0 ? "from 0" : "greater than 0"}, got ${value}`;
}

function availabilityProblem(value: TestOptions["availability"]): string | undefined {
  if (value === undefined || value === "total" || (value >= 0 && value <= 1)) return undefined;
  return `availability must be "total" or a number from 0 to 1, got ${value}`;
}

function distributionProblem({ latency: { distribution } }: TestOptions): string | undefined {
  if (LATENCY_DISTRIBUTIONS.includes(distribution)) return undefined;
  return `unknown latency distribution "${distribution}"; choose one of ` +
    LATENCY_DISTRIBUTIONS.join(", ");
}
