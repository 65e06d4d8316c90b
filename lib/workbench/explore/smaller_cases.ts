/**
 * The ways in which a case can be made smaller, each a list of candidates, the boldest first.
 *
 * Invariant: every candidate is smaller than the case by {@link caseSize}, and one that the
 * workload accepts.
 *
 * @module
 */

import { findWorkload, type TestOptions } from "../../workload/mod.ts";
import { createFault, type NemesisEvent } from "../fault/mod.ts";
import { parseNemesisOp } from "../nemesis.ts";
import { operationsOf } from "./case_size.ts";
import { type TestCase, withSchedule } from "./test_case.ts";

const MOST_ACTS_NARROWED = 6;

/** One way of making a case smaller. */
export type SmallerCases = (testCase: TestCase) => TestCase[];

/** All ways, in the order in which they are best tried. */
export const smallerCases: readonly SmallerCases[] = [
  fewerKindsOfFaults,
  shorterRuns,
  fewerNodes,
  fewerOperations,
  fewerEpisodes,
  earlierActs,
  narrowerActs,
  fewerWorkers,
  lowerRates,
  lessLatency,
  shorterTransactions,
];

function withOptions(testCase: TestCase, options: Partial<TestOptions>): TestCase {
  return { ...testCase, options: { ...testCase.options, ...options } };
}

function accepted(candidates: readonly TestCase[]): TestCase[] {
  return candidates.filter(({ options }) =>
    findWorkload(options.workload)?.problem?.(options) === undefined
  );
}

/** No faults at all; then without one kind of fault each. */
function fewerKindsOfFaults(testCase: TestCase): TestCase[] {
  const { schedule, options } = testCase;
  if (schedule.length === 0) return [];
  return [
    withSchedule(testCase, []),
    ...options.nemesis.map((fault) =>
      withSchedule(testCase, schedule.filter(({ f }) => parseNemesisOp(f)?.fault !== fault))
    ),
  ];
}

/** Without one half of the episodes each, and then without a single one each. */
function fewerEpisodes(testCase: TestCase): TestCase[] {
  const episodes = episodesOf(testCase.schedule);
  const without = (gone: readonly NemesisEvent[]) =>
    withSchedule(testCase, testCase.schedule.filter((event) => !gone.includes(event)));
  const half = Math.ceil(episodes.length / 2);
  const halves = episodes.length < 4 ? [] : [episodes.slice(half), episodes.slice(0, half)];
  const single = episodes.toReversed().map((episode) => [episode]);
  // A fault that is never stopped lasts until all are healed, which takes an act less.
  const stops = testCase.schedule.filter(({ f }) => parseNemesisOp(f)?.starts === false);
  return [
    ...halves.map((gone) => without(gone.flat())),
    ...single.map((gone) => without(gone.flat())),
    ...stops.map((stop) => without([stop])),
  ];
}

/** The acts of a schedule in groups: the start of a fault with what stops it. */
function episodesOf(schedule: readonly NemesisEvent[]): NemesisEvent[][] {
  const episodes: NemesisEvent[][] = [];
  const open = new Map<string, NemesisEvent[]>();
  for (const event of schedule) {
    const act = parseNemesisOp(event.f);
    if (act === undefined) continue;
    const episode = act.starts ? undefined : open.get(act.fault);
    if (episode === undefined) {
      const begun = [event];
      episodes.push(begun);
      open.set(act.fault, begun);
    } else episode.push(event);
  }
  return episodes;
}

/** All acts in half the time. */
function earlierActs(testCase: TestCase): TestCase[] {
  const { schedule } = testCase;
  if (schedule.every(({ at }) => at < 1)) return [];
  const earlier = schedule.map((event) => ({ ...event, at: Math.floor(event.at / 2) }));
  return [withSchedule(testCase, earlier)];
}

/** One act that leaves one node more in peace, where there are not too many acts to try that. */
function narrowerActs(testCase: TestCase): TestCase[] {
  const { schedule, options: { nodes } } = testCase;
  if (schedule.length > MOST_ACTS_NARROWED) return [];
  return schedule.flatMap((event, index) => {
    const act = parseNemesisOp(event.f);
    if (act?.starts !== true) return [];
    const fault = createFault(act.fault);
    return nodes.flatMap((spared) => {
      const plan = fault.restrict(event.plan, nodes.filter((node) => node !== spared));
      return plan === undefined
        ? []
        : [withSchedule(testCase, schedule.with(index, { ...event, plan }))];
    });
  });
}

function shorterRuns(testCase: TestCase): TestCase[] {
  const { timeLimit } = testCase.options;
  return decreasing(timeLimit, 0.1, [1 / 2, 3 / 4]).map((shorter) =>
    withOptions(
      withSchedule(testCase, testCase.schedule.filter(({ at }) => at < shorter * 1000)),
      { timeLimit: shorter },
    )
  );
}

function fewerOperations(testCase: TestCase): TestCase[] {
  const most = operationsOf(testCase);
  const fewer = [0, most >> 2, most >> 1, most - (most >> 2), most - (most >> 3), most - 1];
  return [...new Set(fewer)].filter((count) => count >= 0 && count < most)
    .map((mostOperations) => ({ ...testCase, mostOperations }));
}

function fewerNodes(testCase: TestCase): TestCase[] {
  const { nodes, concurrency } = testCase.options;
  const counts = new Set([Math.ceil(nodes.length / 2), nodes.length - 1]);
  const candidates = [...counts].filter((count) => count >= 1 && count < nodes.length)
    .map((count) => {
      const left = nodes.slice(0, count);
      return withOptions(withSchedule(testCase, restricted(testCase.schedule, left)), {
        nodes: left,
        concurrency: Math.max(1, Math.floor(concurrency * count / nodes.length)),
      });
    });
  return accepted(candidates);
}

/** The acts that concern these nodes; a fault of which nothing is left is not started. */
function restricted(schedule: readonly NemesisEvent[], nodes: readonly string[]): NemesisEvent[] {
  return schedule.flatMap((event) => {
    const act = parseNemesisOp(event.f);
    if (act?.starts !== true) return [event];
    const plan = createFault(act.fault).restrict(event.plan, nodes);
    return plan === undefined ? [] : [{ ...event, plan }];
  });
}

function fewerWorkers(testCase: TestCase): TestCase[] {
  const { nodes, concurrency } = testCase.options;
  const multiples = [1, 2, 3, 4].map((multiple) => multiple * nodes.length);
  const candidates = [1, ...multiples].filter((count) => count < concurrency)
    .map((fewer) => withOptions(testCase, { concurrency: fewer }));
  return accepted(candidates);
}

/** Operations that are farther apart, so that fewer of them overlap. */
function lowerRates(testCase: TestCase): TestCase[] {
  return decreasing(testCase.options.rate, 1, [1 / 4, 1 / 2])
    .map((rate) => withOptions(testCase, { rate }));
}

function shorterTransactions(testCase: TestCase): TestCase[] {
  const { workload, maxTxnLength } = testCase.options;
  if (!workload.startsWith("txn-")) return [];
  return [...new Set([1, maxTxnLength >> 1, maxTxnLength - 1])]
    .filter((shorter) => shorter >= 1 && shorter < maxTxnLength)
    .map((shorter) => withOptions(testCase, { maxTxnLength: shorter }));
}

function lessLatency(testCase: TestCase): TestCase[] {
  const { mean, distribution } = testCase.options.latency;
  const constant = withOptions(testCase, { latency: { mean, distribution: "constant" } });
  return [
    ...decreasing(mean, 0, [0, 1 / 2]).map((less) =>
      withOptions(testCase, { latency: { mean: less, distribution } })
    ),
    ...(distribution === "constant" ? [] : [constant]),
  ];
}

/** Parts of a quantity, to one decimal, that are at least `least` and really less. */
function decreasing(quantity: number, least: number, parts: readonly number[]): number[] {
  return parts.map((part) => Math.max(least, Math.floor(quantity * part * 10) / 10))
    .filter((less, index, all) => less < quantity && all.indexOf(less) === index);
}
