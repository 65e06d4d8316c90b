/**
 * The passes of shrinking. Each pass proposes smaller cases, the smallest candidates first.
 *
 * `shrink` skips candidates that are not smaller by {@link caseSize}, and those whose options the
 * workload does not accept.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import { createFault, lostMessages, type NemesisEvent } from "../fault/mod.ts";
import { parseNemesisOp } from "../nemesis.ts";
import { maxOperationsOf } from "./case_size.ts";
import {
  defaultFlags,
  fasterDisks,
  lowerLatency,
  lowerRates,
  smallerFractions,
  withOptions,
} from "./shrink_environment.ts";
import { type TestCase, withSchedule } from "./test_case.ts";

const MAX_EVENTS_TO_NARROW = 6;
/** With more operations than this, single ones are not removed: it would take too many runs. */
const MAX_SINGLE_OPERATIONS = 16;
/** With at most this number of operations, one lost message may explain a failure. */
const MAX_OPERATIONS_OF_ONE_LOSS = 4;
const MAX_LOST_NUMBER = 8;
/** The number of messages whose loss by chance is turned into a list. */
const MAX_LISTED_MESSAGES = 256;
const MAX_SINGLE_LOSSES = 32;

/** Returns candidates that are smaller than a case in one dimension. */
export type ShrinkPass = (testCase: TestCase) => TestCase[];

/** All passes, those first that save the most time in later runs. */
export const SHRINK_PASSES: readonly ShrinkPass[] = [
  fewerFaults,
  shorterRuns,
  fewerNodes,
  fewerOperations,
  fewerEpisodes,
  onlyKilled,
  earlierEvents,
  narrowerEvents,
  fewerWorkers,
  lowerRates,
  lowerLatency,
  fasterDisks,
  defaultFlags,
  shorterTransactions,
  singleOperations,
  fewerFinalWorkers,
  singleLostMessage,
  fewerLostMessages,
];

/** Removes all faults, or all events of one fault. */
function fewerFaults(testCase: TestCase): TestCase[] {
  const { schedule, options } = testCase;
  if (schedule.length === 0) return [];
  return [
    withSchedule(testCase, []),
    ...options.nemesis.map((fault) =>
      withSchedule(testCase, schedule.filter(({ f }) => parseNemesisOp(f)?.fault !== fault))
    ),
  ];
}

/** Removes one half of the episodes, or a single episode. */
function fewerEpisodes(testCase: TestCase): TestCase[] {
  const episodes = episodesOf(testCase.schedule);
  const without = (removed: readonly NemesisEvent[]) =>
    withSchedule(testCase, testCase.schedule.filter((event) => !removed.includes(event)));
  const half = Math.ceil(episodes.length / 2);
  const halves = episodes.length < 4 ? [] : [episodes.slice(half), episodes.slice(0, half)];
  const single = episodes.toReversed().map((episode) => [episode]);
  // A fault without a stop event lasts until the run heals all faults, so its case is smaller.
  const stops = testCase.schedule.filter(({ f }) => parseNemesisOp(f)?.starts === false);
  return [
    ...halves.map((removed) => without(removed.flat())),
    ...single.map((removed) => without(removed.flat())),
    ...stops.map((stop) => without([stop])),
  ];
}

/** Replaces losses of power, which also affect disks, by kills of the same nodes. */
function onlyKilled(testCase: TestCase): TestCase[] {
  const { schedule } = testCase;
  if (!schedule.some(({ f }) => f === "start-disk")) return [];
  const kills = schedule.map((event) => {
    if (event.f === "stop-disk") return { ...event, f: "stop-kill" };
    if (event.f !== "start-disk") return event;
    const { nodes } = event.plan as { readonly nodes: readonly string[] };
    return { ...event, f: "start-kill", plan: { nodes } };
  });
  return [withSchedule(testCase, kills)];
}

/** Groups the events of a schedule into episodes: the start of a fault and its stop. */
function episodesOf(schedule: readonly NemesisEvent[]): NemesisEvent[][] {
  const episodes: NemesisEvent[][] = [];
  const activeEpisodes = new Map<string, NemesisEvent[]>();
  for (const event of schedule) {
    const op = parseNemesisOp(event.f);
    if (op === undefined) continue;
    const episode = op.starts ? undefined : activeEpisodes.get(op.fault);
    if (episode === undefined) {
      const started = [event];
      episodes.push(started);
      activeEpisodes.set(op.fault, started);
    } else episode.push(event);
  }
  return episodes;
}

/** Halves the times of all events. */
function earlierEvents(testCase: TestCase): TestCase[] {
  const { schedule } = testCase;
  if (schedule.every(({ at }) => at < 1)) return [];
  const earlier = schedule.map((event) => ({ ...event, at: Math.floor(event.at / 2) }));
  return [withSchedule(testCase, earlier)];
}

/** Excludes one node from the plan of one event, if the schedule is short. */
function narrowerEvents(testCase: TestCase): TestCase[] {
  const { schedule, options: { nodes } } = testCase;
  if (schedule.length > MAX_EVENTS_TO_NARROW) return [];
  return schedule.flatMap((event, index) => {
    const op = parseNemesisOp(event.f);
    if (op?.starts !== true) return [];
    const fault = createFault(op.fault);
    return nodes.flatMap((excluded) => {
      const plan = fault.restrict(event.plan, nodes.filter((node) => node !== excluded));
      return plan === undefined
        ? []
        : [withSchedule(testCase, schedule.with(index, { ...event, plan }))];
    });
  });
}

/** Cuts the time limit, and with it all later events. */
function shorterRuns(testCase: TestCase): TestCase[] {
  const { timeLimitSeconds } = testCase.options;
  return smallerFractions(timeLimitSeconds, 0.1, [1 / 2, 3 / 4]).map((shorter) =>
    withOptions(
      withSchedule(testCase, testCase.schedule.filter(({ at }) => at < shorter * 1000)),
      { timeLimitSeconds: shorter },
    )
  );
}

function fewerOperations(testCase: TestCase): TestCase[] {
  // Of listed operations, singleOperations removes some.
  if (testCase.operations !== undefined) return [];
  const max = maxOperationsOf(testCase);
  const fewer = [0, max >> 2, max >> 1, max - (max >> 2), max - (max >> 3), max - 1];
  return [...new Set(fewer)].filter((count) => count >= 0 && count < max)
    .map((mostOperations) => ({ ...testCase, mostOperations }));
}

/** Lists the operations of the main phase, and removes a half or a single one. */
function singleOperations(testCase: TestCase): TestCase[] {
  const max = maxOperationsOf(testCase);
  if (max > MAX_SINGLE_OPERATIONS) return [];
  const { mostOperations: _, ...rest } = testCase;
  const listed = testCase.operations ?? range(max);
  return parts(listed).map((operations) => ({ ...rest, operations }));
}

/** Removes workers from the final phase, but one: without final reads all would be lost. */
function fewerFinalWorkers(testCase: TestCase): TestCase[] {
  const { options: { concurrency }, finalWorkers } = testCase;
  const all = finalWorkers ?? range(concurrency);
  const single = all.length <= MAX_SINGLE_OPERATIONS && all.length > 1
    ? all.map((worker) => [worker])
    : [];
  return [...single, ...parts(all)].filter((kept) => kept.length > 0)
    .map((kept) => ({ ...testCase, finalWorkers: kept }));
}

/** Replaces all faults by the loss of one message between nodes. */
function singleLostMessage(testCase: TestCase): TestCase[] {
  const { schedule } = testCase;
  if (schedule.length === 0 || maxOperationsOf(testCase) > MAX_OPERATIONS_OF_ONE_LOSS) return [];
  return range(MAX_LOST_NUMBER).map((number) => withSchedule(testCase, [lossOf([number], 0)]));
}

/** Lists the messages that are lost by chance, and removes a half of a list or a single one. */
function fewerLostMessages(testCase: TestCase): TestCase[] {
  const { schedule } = testCase;
  return schedule.flatMap((event, index) => {
    if (event.f !== "start-loss") return [];
    const isListed = isJsonObject(event.plan) && "messages" in event.plan;
    const lost = lostMessages(event.plan, MAX_LISTED_MESSAGES);
    if (lost.length > MAX_SINGLE_LOSSES && isListed) return [];
    const lists = isListed ? parts(lost) : [lost.slice(0, MAX_SINGLE_LOSSES), lost];
    return lists.map((messages) =>
      withSchedule(testCase, schedule.with(index, lossOf(messages, event.at)))
    );
  });
}

function lossOf(messages: readonly number[], at: number): NemesisEvent {
  return { at, f: "start-loss", value: { messages }, plan: { messages } };
}

/** Returns a list without its second half, its first half, and each single element. */
function parts(list: readonly number[]): (readonly number[])[] {
  const half = list.length >> 1;
  const halves = list.length < 3 ? [] : [list.slice(0, half), list.slice(half)];
  return [...halves, ...list.map((_, index) => list.toSpliced(index, 1))];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

function fewerNodes(testCase: TestCase): TestCase[] {
  const { nodes, concurrency } = testCase.options;
  const counts = new Set([Math.ceil(nodes.length / 2), nodes.length - 1]);
  const candidates = [...counts].filter((count) => count >= 1 && count < nodes.length)
    .map((count) => {
      const remaining = nodes.slice(0, count);
      const workers = Math.max(1, Math.floor(concurrency * count / nodes.length));
      const fewer = withFinalWorkers(testCase, workers);
      return withOptions(withSchedule(fewer, restricted(testCase.schedule, remaining)), {
        nodes: remaining,
        concurrency: workers,
      });
    });
  return candidates;
}

/** Restricts all plans to the given nodes; drops events whose plans become empty. */
function restricted(schedule: readonly NemesisEvent[], nodes: readonly string[]): NemesisEvent[] {
  return schedule.flatMap((event) => {
    const op = parseNemesisOp(event.f);
    if (op === undefined || event.plan === null) return [event];
    const plan = createFault(op.fault).restrict(event.plan, nodes);
    return plan === undefined ? [] : [{ ...event, plan }];
  });
}

function fewerWorkers(testCase: TestCase): TestCase[] {
  const { nodes, concurrency } = testCase.options;
  const multiples = [1, 2, 3, 4].map((multiple) => multiple * nodes.length);
  const candidates = [1, ...multiples].filter((count) => count < concurrency)
    .map((count) => withOptions(withFinalWorkers(testCase, count), { concurrency: count }));
  return candidates;
}

/** Removes the workers from the final phase that a case with fewer workers lacks. */
function withFinalWorkers(testCase: TestCase, concurrency: number): TestCase {
  const { finalWorkers, ...rest } = testCase;
  const kept = finalWorkers?.filter((worker) => worker < concurrency) ?? [];
  return kept.length === 0 ? rest : { ...rest, finalWorkers: kept };
}

function shorterTransactions(testCase: TestCase): TestCase[] {
  const { workload, maxTxnLength } = testCase.options;
  if (!workload.startsWith("txn-")) return [];
  return [...new Set([1, maxTxnLength >> 1, maxTxnLength - 1])]
    .filter((shorter) => shorter >= 1 && shorter < maxTxnLength)
    .map((shorter) => withOptions(testCase, { maxTxnLength: shorter }));
}
