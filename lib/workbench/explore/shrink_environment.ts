/**
 * The passes of shrinking that change what surrounds the nodes: rates, latencies, disks, and flags.
 *
 * @module
 */

import type { TestOptions } from "../../workload/mod.ts";
import type { TestCase } from "./test_case.ts";

/** Returns a case with other options. */
export function withOptions(testCase: TestCase, options: Partial<TestOptions>): TestCase {
  return { ...testCase, options: { ...testCase.options, ...options } };
}

/** Increases the time between operations, so that fewer of them are concurrent. */
export function lowerRates(testCase: TestCase): TestCase[] {
  return smallerFractions(testCase.options.ratePerSecond, 1, [1 / 4, 1 / 2])
    .map((rate) => withOptions(testCase, { ratePerSecond: rate }));
}

/** Lowers the mean latency, or makes it constant. */
export function lowerLatency(testCase: TestCase): TestCase[] {
  const { meanMs, distribution } = testCase.options.latency;
  const constant = withOptions(testCase, { latency: { meanMs, distribution: "constant" } });
  return [
    ...smallerFractions(meanMs, 0, [0, 1 / 2]).map((less) =>
      withOptions(testCase, { latency: { meanMs: less, distribution } })
    ),
    ...(distribution === "constant" ? [] : [constant]),
  ];
}

/** Lets an fsync take as long as in any simulation. */
export function fasterDisks({ diskLatencyMs, ...rest }: TestCase): TestCase[] {
  return diskLatencyMs === undefined ? [] : [rest];
}

/** Removes all generated flags of the nodes, or one. */
export function defaultFlags({ flags = {}, ...rest }: TestCase): TestCase[] {
  const all = Object.entries(flags);
  if (all.length < 2) return all.map(() => rest);
  const fewer = all.map((_, index) => ({
    ...rest,
    flags: Object.fromEntries(all.toSpliced(index, 1)),
  }));
  return [rest, ...fewer];
}

/** Returns the distinct fractions of a quantity that are smaller, to one decimal, at least `min`. */
export function smallerFractions(
  quantity: number,
  min: number,
  fractions: readonly number[],
): number[] {
  return fractions.map((part) => Math.max(min, Math.floor(quantity * part * 10) / 10))
    .filter((less, index, all) => less < quantity && all.indexOf(less) === index);
}
