/**
 * Checks a history of sends to and polls from logs, as jepsen.tests.kafka does for Maelstrom's
 * `kafka` workload. The verdict lists each type of anomaly, its number of cases, and the types that
 * a correct log may exhibit.
 *
 * @module
 */

import { type History, isClientOperation } from "../../history/mod.ts";
import { canonicalJson } from "../../base/mod.ts";
import type { Verdict } from "../verdict.ts";
import type { AnomalyCase } from "./anomaly.ts";
import { commitAnomalies } from "./commit_anomalies.ts";
import { type Completion, readCompletions } from "./completion.ts";
import { dependencyCycles } from "./dependency_cycles.ts";
import { hasEmptyGraph, isClearlyAcyclic, logDependencies } from "./dependency_graph.ts";
import {
  abortedReads,
  duplicates,
  inconsistentOffsets,
  lostWrites,
  negativeOffsets,
  phantomPolls,
  precommittedReads,
} from "./message_anomalies.ts";
import { internalSends, nonmonotonicSends, pollOrder } from "./order_anomalies.ts";
import { inferPartitions, type Partitions } from "./partition.ts";
import { type PollLag, pollLags, worstLag } from "./realtime_lag.ts";
import { unrequestedPolls } from "./unrequested_polls.ts";
import { type Unseen, unseenAtEnd } from "./unseen.ts";

/** Options of the checker. */
export interface KafkaOptions {
  /** Reports every case of an anomaly instead of a selection. Default: false. */
  readonly allErrors?: boolean;
  /**
   * Infers a ww dependency from each send to the send of the next message in the log. Write cycles
   * (G0) are then reported; they and G1c are allowed. Maelstrom does not infer them. Default:
   * false.
   */
  readonly writeDependencies?: boolean;
}

/** The selection of an anomaly's cases: the first `count` in the order of `rank`, or the last. */
interface Selection {
  readonly count: number;
  readonly rank?: (anomaly: AnomalyCase) => number;
  readonly highest?: boolean;
}

const rankByDelta = ({ delta }: AnomalyCase) => delta as number;
const rankByLength = ({ steps }: AnomalyCase) => (steps as readonly unknown[]).length;
const lowestDeltas: Selection = { count: 8, rank: rankByDelta };
const highestDeltas: Selection = { count: 8, rank: rankByDelta, highest: true };
const shortestCycles: Selection = { count: 8, rank: rankByLength };
const selections: Readonly<Record<string, Selection>> = {
  duplicate: { count: 32, rank: ({ count }) => count as number },
  "inconsistent-offsets": { count: 32, rank: ({ values }) => (values as unknown[]).length },
  "int-nonmonotonic-poll": lowestDeltas,
  "int-nonmonotonic-send": lowestDeltas,
  "int-poll-skip": highestDeltas,
  "int-send-skip": highestDeltas,
  "nonmonotonic-poll": lowestDeltas,
  "nonmonotonic-send": lowestDeltas,
  "poll-skip": highestDeltas,
  G0: shortestCycles,
  "G0-realtime": shortestCycles,
  G1c: shortestCycles,
  "G1c-realtime": shortestCycles,
};
const MAX_UNSEEN_LISTED = 32;

/** Anomalies of correct logs: sends of transactions may interleave, so writes are not isolated. */
const allowed = [
  "int-send-skip",
  "G0",
  "G0-realtime",
  "PL-1-cycle-exists",
  "strong-PL-1-cycle-exists",
];
const allowedWithWriteDependencies = [
  "G1c",
  "G1c-realtime",
  "PL-2-cycle-exists",
  "strong-PL-2-cycle-exists",
];

/** The types that only make a history invalid here. */
const unknownToMaelstrom: ReadonlySet<string> = new Set([
  "negative-offset",
  "nonmonotonic-commit",
  "phantom-commit",
  "unrequested-commit",
  "unrequested-poll",
]);

/** The verdict of {@link checkKafka}. Each type of error that was found is a further key. */
export interface KafkaVerdict extends Verdict {
  /** The types of all errors that were found. */
  readonly "error-types": readonly string[];
  /** The types of the errors that make the history invalid. */
  readonly "bad-error-types": readonly string[];
  /** The poll with the maximum realtime lag: its time and lag in seconds, its process and key. */
  readonly "worst-realtime-lag": {
    readonly time: number;
    readonly lag: number;
    readonly process?: unknown;
    readonly key?: unknown;
  };
  /** The distinct errors of indeterminate operations. */
  readonly "info-txn-causes": readonly unknown[];
  /** The messages that were acknowledged but never polled, if any. */
  readonly unseen?: Unseen;
}

/**
 * Checks a history. The verdict has Maelstrom's keys: `error-types` lists the types found,
 * `bad-error-types` those that make it invalid, each type has `count` and `errs`; also `unseen`,
 * `worst-realtime-lag` (in seconds) and `info-txn-causes`.
 *
 * Maelstrom does not have the types `phantom-poll`, `unrequested-poll`, `negative-offset`, and those
 * of commits; `maelstrom-valid?` holds its verdict on a history with one of them. The cost is slightly more than linear in the
 * number of messages sent and polled, and does not depend on the offsets.
 */
export function checkKafka(history: History, options: KafkaOptions = {}): KafkaVerdict {
  const completions = readCompletions(history);
  const partitions = inferPartitions(completions);
  const found = findAnomalies(completions, partitions, options, history.some(isClientOperation));
  const unseen = unseenAtEnd(completions, partitions);
  const types = [...found.keys(), ...(unseen === undefined ? [] : ["unseen"])].sort();
  const allowedTypes = new Set(allowed);
  if (options.writeDependencies) {
    for (const type of allowedWithWriteDependencies) allowedTypes.add(type);
  }
  const bad = types.filter((type) => !allowedTypes.has(type));
  const lag = worstLag(pollLags(completions));
  const errors = [...found].map(([type, cases]) => [type, condense(type, cases, options)]);
  const valid = bad.length === 0;
  return {
    "valid?": valid,
    ...maelstromVerdict(partitions, found, bad),
    "worst-realtime-lag": inSeconds(lag),
    "bad-error-types": bad,
    "error-types": types,
    "info-txn-causes": indeterminateErrors(completions),
    ...Object.fromEntries(errors),
    ...(unseen === undefined ? {} : { unseen: condenseUnseen(unseen, options) }),
  };
}

/**
 * Returns Maelstrom's verdict if it differs. Its checker throws for a phantom message. It also
 * throws for a key that a poll listed if none of the key's entries was polled: it then looks up
 * index −1. It ignores commits and what polls requested.
 */
function maelstromVerdict(
  partitions: Partitions,
  found: ReadonlyMap<string, unknown>,
  bad: readonly string[],
): { readonly "maelstrom-valid?"?: Verdict["valid?"] } {
  const throws = found.has("phantom-poll") ||
    partitions.some(({ listed, highestPolled }) => listed && highestPolled < 0);
  if (throws) return { "maelstrom-valid?": "unknown" };
  const isOurs = bad.length > 0 && bad.every((type) => unknownToMaelstrom.has(type));
  return isOurs ? { "maelstrom-valid?": true } : {};
}

function inSeconds(lag: PollLag | undefined): KafkaVerdict["worst-realtime-lag"] {
  if (lag === undefined) return { time: 0, lag: 0 };
  return { time: lag.time / 1e9, process: lag.process, key: lag.key, lag: lag.lag / 1e9 };
}

function findAnomalies(
  completions: readonly Completion[],
  partitions: Partitions,
  options: KafkaOptions,
  anyOperation: boolean,
): Map<string, readonly AnomalyCase[]> {
  const isEmpty = anyOperation && hasEmptyGraph(completions, partitions);
  const polls = pollOrder(completions, partitions);
  const sends = internalSends(completions, partitions);
  const commits = commitAnomalies(completions);
  const all: [name: string, cases: readonly AnomalyCase[]][] = [
    ["duplicate", duplicates(partitions)],
    ["int-poll-skip", polls.internal.skips],
    ["int-nonmonotonic-poll", polls.internal.nonmonotonic],
    ["int-nonmonotonic-send", sends.nonmonotonic],
    ["int-send-skip", sends.skips],
    ["inconsistent-offsets", inconsistentOffsets(partitions)],
    ["precommitted-read", precommittedReads(completions)],
    ["G1a", abortedReads(completions, partitions)],
    ["lost-write", lostWrites(partitions)],
    ["negative-offset", negativeOffsets(completions, partitions)],
    ["nonmonotonic-commit", commits.nonmonotonic],
    ["nonmonotonic-poll", polls.external.nonmonotonic],
    ["nonmonotonic-send", nonmonotonicSends(completions, partitions)],
    ["poll-skip", polls.external.skips],
    ["phantom-poll", phantomPolls(partitions)],
    ["phantom-commit", commits.phantom],
    ["unrequested-commit", commits.unrequested],
    ["unrequested-poll", unrequestedPolls(completions)],
    ["empty-transaction-graph", isEmpty ? [emptyGraph] : []],
    ...findCycles(completions, partitions, options.writeDependencies ?? false),
  ];
  return new Map(all.filter(([, cases]) => cases.length > 0));
}

function findCycles(
  completions: readonly Completion[],
  partitions: Partitions,
  writeDependencies: boolean,
): ReadonlyMap<string, AnomalyCase[]> {
  if (!writeDependencies && isClearlyAcyclic(completions, partitions)) return new Map();
  return dependencyCycles(logDependencies(completions, partitions, writeDependencies));
}

const emptyGraph: AnomalyCase = {
  message: "no send or poll depends on another, so there is nothing to check",
};

/** Returns the number of cases and a selection of them. */
function condense(
  type: string,
  cases: readonly AnomalyCase[],
  { allErrors }: KafkaOptions,
): { count: number; errs: readonly AnomalyCase[] } {
  const selection = selections[type];
  if (allErrors || selection === undefined) return { count: cases.length, errs: cases };
  const { count, rank, highest } = selection;
  const ranked = rank === undefined ? [...cases] : [...cases].sort((a, b) => rank(a) - rank(b));
  return { count: cases.length, errs: highest ? ranked.slice(-count) : ranked.slice(0, count) };
}

function condenseUnseen(unseen: Unseen, { allErrors }: KafkaOptions): Unseen {
  if (allErrors) return unseen;
  const messages = [...unseen.messages].map(([key, values]) =>
    [key, values.slice(0, MAX_UNSEEN_LISTED)] as const
  );
  return { ...unseen, messages: new Map(messages) };
}

/** Returns the distinct errors of indeterminate sends and polls. */
function indeterminateErrors(completions: readonly Completion[]): unknown[] {
  const causes = new Map<string, unknown>();
  for (const { operation, invocation } of completions) {
    const { type, f, error, index } = operation;
    if (type !== "info" || (f !== "send" && f !== "poll" && f !== "txn")) continue;
    if (index === invocation?.index) continue;
    causes.set(canonicalJson(error ?? null), error ?? null);
  }
  return [...causes.values()];
}
