/**
 * How large a case is, to tell which of two is the smaller.
 *
 * @module
 */

import type { TestCase } from "./test_case.ts";

/** How many operations the main phase of a case can have: its own bound, or what fits into its time. */
export function operationsOf({ options, mostOperations }: TestCase): number {
  // The gaps between operations are random, so a run may have some more than its rate says.
  const fitting = Math.ceil(2 * options.rate * options.timeLimit);
  return Math.min(mostOperations ?? Infinity, fitting);
}

/**
 * A case's size: acts of the nemesis and nodes count ten, everything else one: workers, seconds,
 * operations, how many of them a second and how many parts one may have, milliseconds of latency, a
 * latency that is not constant, what the plans of acts name, and seconds until the last act.
 */
export function caseSize(testCase: TestCase): number {
  const { options, schedule } = testCase;
  const { nodes, concurrency, timeLimit, rate, maxTxnLength, latency } = options;
  const named = schedule.reduce((sum, { plan }) => sum + countValues(plan), 0);
  const lastAct = Math.max(0, ...schedule.map(({ at }) => at));
  return 10 * schedule.length + 10 * nodes.length + concurrency + timeLimit +
    operationsOf(testCase) + rate + maxTxnLength + latency.mean +
    (latency.distribution === "constant" ? 0 : 1) + named + lastAct / 1000;
}

/** How many strings and numbers a JSON value holds. */
function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return value === null ? 0 : 1;
  return Object.values(value).reduce((sum: number, item) => sum + countValues(item), 0);
}

/** A case's size in words, for people. */
export function describeSize(testCase: TestCase): string {
  const { options: { nodes, concurrency, timeLimit, rate, latency, nemesis }, schedule } = testCase;
  const parts = [
    count(nodes.length, "node"),
    count(concurrency, "worker"),
    `${timeLimit} s at rate ${rate}`,
    `${count(operationsOf(testCase), "operation")} at most`,
    ...(latency.mean > 0 ? [`latency ${latency.mean} ms ${latency.distribution}`] : []),
    schedule.length === 0
      ? "no faults"
      : `${count(schedule.length, "act")} of ${nemesis.join(", ")}`,
  ];
  return parts.join(" · ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
