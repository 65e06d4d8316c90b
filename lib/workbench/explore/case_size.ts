/**
 * The size of a case, by which shrinking decides which of two cases is smaller.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import type { TestCase } from "./test_case.ts";

/**
 * Returns the maximum number of operations in the main phase of a case: its own limit, or the number
 * that fits into its time limit.
 */
export function maxOperationsOf({ options, mostOperations, operations }: TestCase): number {
  // The gaps between operations are random, so a run may exceed its rate.
  const fitting = Math.ceil(2 * options.ratePerSecond * options.timeLimitSeconds);
  return Math.min(mostOperations ?? Infinity, operations?.length ?? Infinity, fitting);
}

/** The weight of the operations of a worker in the final phase. */
const FINAL_WORKER_WEIGHT = 5;
/** The weight of a flag of the nodes that does not have its default. */
const FLAG_WEIGHT = 5;
/** The weight of a fault that affects messages at random: it may affect any number of them. */
const RANDOM_MESSAGES_WEIGHT = 100;
/** The weight of a fault that affects nodes or links for a time, unlike the loss of messages. */
const LASTING_FAULT_WEIGHT = 5;

/**
 * Returns the size of a case as a weighted sum. Each fault event and each node weighs ten. Each of
 * these weighs one: a worker, a second of the time limit, an operation, an operation per second, a
 * micro-operation of a transaction, a millisecond of latency or of a slow fsync, a non-constant
 * latency distribution, a value in the plan of an event, and a second until the last event. A worker
 * of the final phase and a flag weigh five; faults weigh more unless they are lost messages by number.
 */
export function caseSize(testCase: TestCase): number {
  const { options, schedule, finalWorkers, diskLatencyMs = 0, flags = {} } = testCase;
  const {
    nodes,
    concurrency,
    timeLimitSeconds,
    ratePerSecond: rate,
    maxTxnLength,
    latency,
  } = options;
  const planSize = schedule.reduce((sum, { plan }) => sum + weightOfPlan(plan), 0);
  const finalSize = FINAL_WORKER_WEIGHT * (finalWorkers?.length ?? concurrency);
  const lastEventMs = Math.max(0, ...schedule.map(({ at }) => at));
  return 10 * schedule.length + 10 * nodes.length + concurrency + timeLimitSeconds +
    maxOperationsOf(testCase) + rate + maxTxnLength + latency.meanMs +
    (latency.distribution === "constant" ? 0 : 1) + planSize + finalSize + diskLatencyMs +
    lastEventMs / 1000 + FLAG_WEIGHT * Object.keys(flags).length;
}

function weightOfPlan(plan: unknown): number {
  if (!isJsonObject(plan)) return 0;
  if ("messages" in plan) return countValues(plan);
  return countValues(plan) + LASTING_FAULT_WEIGHT +
    ("probability" in plan ? RANDOM_MESSAGES_WEIGHT : 0);
}

/** Returns the number of primitive values, other than null, in a JSON value. */
function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return value === null ? 0 : 1;
  return Object.values(value).reduce((sum: number, item) => sum + countValues(item), 0);
}

/** Describes the size of a case for people. */
export function describeSize(testCase: TestCase): string {
  const {
    options: {
      nodes,
      concurrency,
      timeLimitSeconds,
      ratePerSecond: rate,
      latency,
      nemesis,
    },
    schedule,
    diskLatencyMs,
    flags = {},
  } = testCase;
  const maxOperations = maxOperationsOf(testCase);
  const parts = [
    count(nodes.length, "node"),
    count(concurrency, "worker"),
    `${timeLimitSeconds} s at rate ${rate}`,
    maxOperations === 0
      ? "0 operations before the final phase"
      : `at most ${count(maxOperations, "operation")}`,
    ...(latency.meanMs > 0 ? [`latency ${latency.meanMs} ms ${latency.distribution}`] : []),
    ...(diskLatencyMs === undefined ? [] : [`fsync ${diskLatencyMs} ms`]),
    ...Object.entries(flags).map(([name, value]) => `--${name} ${value}`),
    schedule.length === 0 ? "no faults" : describeSchedule(schedule, nemesis),
  ];
  return parts.join(" · ");
}

function describeSchedule(schedule: TestCase["schedule"], faults: readonly string[]): string {
  const [plan] = schedule.map((event) => event.plan);
  const isMessages = schedule.length === 1 && isJsonObject(plan) && Array.isArray(plan.messages);
  return isMessages
    ? count((plan.messages as readonly unknown[]).length, "lost message")
    : `${count(schedule.length, "fault event")} (${faults.join(", ")})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
