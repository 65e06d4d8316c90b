/**
 * Completes the options of a test with defaults, and validates them, for every caller that starts a
 * test: the command line and programs.
 *
 * @module
 */

import { suggestNames } from "../base/mod.ts";
import { isClientId, SERVICES } from "../wire/mod.ts";
import { DEFAULT_OPTIONS, LATENCY_DISTRIBUTIONS, nodeIds, type TestOptions } from "./options.ts";
import { topologyProblem } from "./topology.ts";
import type { Workload } from "./workload.ts";

/** Thrown for invalid options of a test. The message names the option and a valid value. */
export class InvalidOptionsError extends RangeError {
  /** The name of the class. */
  override readonly name = "InvalidOptionsError";
}

/** An object type whose properties may be absent or undefined. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Options of a test; those that are absent or undefined have defaults. */
export type GivenOptions =
  & Optional<Omit<TestOptions, "workload" | "nodes" | "latency">>
  & Optional<{
    /** Node ids, or the number of nodes n0, n1, …. */
    nodes: readonly string[] | number;
    /** The latency of messages between nodes. */
    latency: Optional<TestOptions["latency"]>;
  }>;

/** The names of the options that {@link completeOptions} accepts. */
export const OPTION_NAMES: readonly string[] = [
  ...Object.keys(DEFAULT_OPTIONS).filter((name) => name !== "workload"),
  "availability",
  "keyCount",
];

/**
 * Completes the options of a test of a workload. An option that is not given has the workload's own
 * default, else Maelstrom's. Maelstrom's default for `concurrency` is one worker a node.
 *
 * @throws {InvalidOptionsError} An option is unknown, or the completed options are invalid.
 */
export function completeOptions(workload: Workload, given: GivenOptions): TestOptions {
  rejectUnknownOptions(given, OPTION_NAMES);
  const { nodes: givenNodes = DEFAULT_OPTIONS.nodes, latency = {}, ...others } = given;
  if (typeof givenNodes === "number") {
    const problem = integerProblem("nodes", givenNodes);
    if (problem !== undefined) throw new InvalidOptionsError(problem);
  }
  const nodes = typeof givenNodes === "number" ? nodeIds(givenNodes) : givenNodes;
  const options: TestOptions = {
    ...DEFAULT_OPTIONS,
    concurrency: nodes.length,
    ...workload.defaults?.(nodes),
    ...defined(others),
    latency: { ...DEFAULT_OPTIONS.latency, ...defined(latency) },
    nodes,
    workload: workload.name,
  };
  validateOptions(workload, options);
  return options;
}

/** Returns the properties of an object that are not undefined. */
function defined<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/**
 * Rejects options whose names are not in the list.
 *
 * @throws {InvalidOptionsError} An option is unknown.
 */
export function rejectUnknownOptions(given: object, names: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = suggestNames(unknown, names);
  throw new InvalidOptionsError(
    `unknown option "${unknown}"; ` +
      (near.length > 0 ? `did you mean ${near.join(" or ")}?` : `choose from ${names.join(", ")}`),
  );
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
    topologyProblem(options.topology) ?? workload.problem?.(options);
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
