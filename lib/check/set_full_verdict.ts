/**
 * Computes the verdict on a set from the timelines of its elements: each element's outcome (stable,
 * lost or never read), its latency and the explanation.
 *
 * @module
 */

import type { Operation } from "../history/mod.ts";
import { clojureCanOrder, compareJson } from "./compare_json.ts";
import {
  capitalise,
  describeOperation,
  describeValue,
  type Explanation,
  MAX_EXPLANATIONS_PER_TYPE,
} from "./explanation.ts";
import { quantiles } from "./quantiles.ts";
import type { Valid, Verdict } from "./verdict.ts";

/** The operations of a history that determine one element's outcome. */
export interface ElementTimeline {
  readonly element: unknown;
  /** The invocation of its addition; undefined before. */
  added: Operation | undefined;
  /** The first completion that proves it is in the set: its addition's ok or a read of it. */
  known: Operation | undefined;
  /** The completion of its addition as failed. */
  failed: Operation | undefined;
  /** The latest-invoked read that contains it. */
  lastPresent: Operation | undefined;
  /** The latest-invoked read that does not contain it. */
  lastAbsent: Operation | undefined;
  /** The maximum number of its copies in one read, and that read. */
  maxCopies: number;
  maxCopiesRead: Operation | undefined;
  /** The first read that contains it although its addition had not been invoked. */
  phantomRead: Operation | undefined;
  /**
   * A non-monotonic read: two successive reads of one process, of which only the first contains it.
   */
  nonmonotonicReads: { readonly present: Operation; readonly absent: Operation } | undefined;
}

interface Outcome {
  readonly timeline: ElementTimeline;
  readonly element: unknown;
  readonly outcome: "stable" | "lost" | "never-read";
  /** Milliseconds from known to stable; null unless stable. */
  readonly stableLatencyMs: number | null;
  /** Milliseconds from known to lost; null unless lost. */
  readonly lostLatencyMs: number | null;
}

/** The verdict on a set; for its keys see `checkSetFull`. */
export interface SetFullVerdict extends Verdict {
  /** The number of elements whose addition was invoked. */
  readonly "attempt-count": number;
  /** The number of elements that every read shows from some time on. */
  readonly "stable-count": number;
  /** The number of elements that were in the set and that later reads miss to the end. */
  readonly "lost-count": number;
  /** The lost elements, in order. */
  readonly lost: readonly unknown[];
  /** The number of elements that no read shows, and that need not have been added. */
  readonly "never-read-count": number;
  /** These elements, in order. */
  readonly "never-read": readonly unknown[];
  /** The number of stable elements that a read missed after they were in the set. */
  readonly "stale-count": number;
  /** These elements, in order. */
  readonly stale: readonly unknown[];
  /** The number of elements that a read shows more than once. */
  readonly "duplicated-count": number;
  /** The maximum number of copies of each duplicated element in one read. */
  readonly duplicated: ReadonlyMap<unknown, number>;
  /** Quantiles of the milliseconds from known to stable; absent without stable elements. */
  readonly "stable-latencies"?: ReadonlyMap<number, number>;
  /** Quantiles of the milliseconds from known to lost; absent without lost elements. */
  readonly "lost-latencies"?: ReadonlyMap<number, number>;
}

const MAX_WORST_STALE = 8;

/** Returns the verdict on a set. See {@link checkSetFull} for its keys. */
export function setFullVerdict(timelines: readonly ElementTimeline[]): SetFullVerdict {
  const sorted = [...timelines].sort((a, b) => compareJson(a.element, b.element));
  const outcomes = sorted.filter(({ added }) => added !== undefined).map(outcomeOf);
  const stable = outcomes.filter(({ outcome }) => outcome === "stable");
  const lost = outcomes.filter(({ outcome }) => outcome === "lost");
  const neverRead = outcomes.filter(({ outcome }) => outcome === "never-read");
  const stale = stable.filter(({ stableLatencyMs }) => (stableLatencyMs ?? 0) > 0);
  const duplicated = sorted.filter(({ maxCopies }) => maxCopies > 1);
  const phantoms = sorted.filter(({ phantomRead }) => phantomRead !== undefined);
  const aborted = sorted.filter((t) => t.failed !== undefined && t.lastPresent !== undefined);
  const nonmonotonic = sorted.filter(({ nonmonotonicReads }) => nonmonotonicReads !== undefined);
  const jepsen: Valid = lost.length > 0 ? false : stable.length === 0 ? "unknown" : true;
  const isWrong = duplicated.length + phantoms.length + aborted.length > 0;
  const valid = isWrong ? false : jepsen;
  const maelstrom = clojureCanOrder(outcomes.map(elementOf)) ? jepsen : "unknown";
  const [retyped, others] = partitionRetyped(phantoms, outcomes.map(elementOf));
  const explanations = [
    ...retyped.slice(0, MAX_EXPLANATIONS_PER_TYPE),
    ...lost.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainLost),
    ...duplicated.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainDuplicated),
    ...others.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainPhantom),
    ...aborted.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainAborted),
    ...nonmonotonic.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainNonmonotonic),
  ];
  const stableLatencies = quantiles(latencies(stable, "stableLatencyMs"));
  const lostLatencies = quantiles(latencies(lost, "lostLatencyMs"));
  return {
    "valid?": valid,
    ...(maelstrom === valid ? {} : { "maelstrom-valid?": maelstrom }),
    "attempt-count": outcomes.length,
    "stable-count": stable.length,
    "lost-count": lost.length,
    lost: lost.map(elementOf),
    "never-read-count": neverRead.length,
    "never-read": neverRead.map(elementOf),
    "stale-count": stale.length,
    stale: stale.map(elementOf),
    "worst-stale": worstStale(stale),
    ...(stableLatencies === undefined ? {} : { "stable-latencies": stableLatencies }),
    ...(lostLatencies === undefined ? {} : { "lost-latencies": lostLatencies }),
    "duplicated-count": duplicated.length,
    duplicated: new Map(duplicated.map(({ element, maxCopies }) => [element, maxCopies])),
    ...countAndElements("stranger-count", "strangers", phantoms),
    ...countAndElements("aborted-count", "aborted", aborted),
    ...countAndElements("flickering-count", "flickering", nonmonotonic),
    ...(explanations.length === 0 ? {} : { explanations }),
  };
}

/**
 * Returns the count and the elements of an anomaly that Maelstrom lacks; an empty object without
 * elements.
 */
function countAndElements(
  countName: string,
  listName: string,
  found: readonly ElementTimeline[],
): object {
  if (found.length === 0) return {};
  return { [countName]: found.length, [listName]: found.map(elementOf) };
}

function outcomeOf(timeline: ElementTimeline): Outcome {
  const { element, known, lastPresent, lastAbsent } = timeline;
  const presentIndex = lastPresent?.index ?? -1;
  const absentIndex = lastAbsent?.index ?? -1;
  if (known !== undefined && lastPresent !== undefined && absentIndex < presentIndex) {
    const stableLatencyMs = latencyMs(known, lastAbsent);
    return { timeline, element, outcome: "stable", stableLatencyMs, lostLatencyMs: null };
  }
  if (known !== undefined && presentIndex < absentIndex && known.index < absentIndex) {
    const lostLatencyMs = latencyMs(known, lastPresent);
    return { timeline, element, outcome: "lost", stableLatencyMs: null, lostLatencyMs };
  }
  return { timeline, element, outcome: "never-read", stableLatencyMs: null, lostLatencyMs: null };
}

/** Returns the whole ms from the time an element was known to 1 ns after a read's invocation. */
function latencyMs(known: Operation, last: Operation | undefined): number {
  const end = last === undefined ? 0 : last.time + 1;
  return Math.floor(Math.max(0, end - known.time) / 1e6);
}

function latencies(
  outcomes: readonly Outcome[],
  which: "stableLatencyMs" | "lostLatencyMs",
): number[] {
  return outcomes.map((outcome) => outcome[which] ?? 0);
}

function elementOf({ element }: { readonly element: unknown }): unknown {
  return element;
}

function worstStale(stale: readonly Outcome[]): unknown[] {
  return [...stale]
    .sort((a, b) => (a.stableLatencyMs ?? 0) - (b.stableLatencyMs ?? 0))
    .reverse()
    .slice(0, MAX_WORST_STALE)
    .map(({ element, outcome, stableLatencyMs, lostLatencyMs, timeline }) => ({
      element,
      outcome,
      "stable-latency": stableLatencyMs,
      "lost-latency": lostLatencyMs,
      known: timeline.known,
      "last-absent": timeline.lastAbsent ?? null,
    }));
}

function explainLost({ element, timeline }: Outcome): Explanation {
  const known = timeline.known as Operation;
  const absent = timeline.lastAbsent as Operation;
  const present = timeline.lastPresent;
  return {
    type: "lost",
    message: `${describeValue(element)} was in the set at ${describeOperation(known)}. ` +
      (present === undefined
        ? "No read contains it"
        : `The last read that contains it was invoked as operation ${present.index}`) +
      `; the later read invoked as operation ${absent.index} does not contain it.`,
    element,
    known,
    "last-present": present ?? null,
    "last-absent": absent,
  };
}

function explainDuplicated({ element, maxCopies, maxCopiesRead }: ElementTimeline): Explanation {
  const read = maxCopiesRead as Operation;
  return {
    type: "duplicated",
    message: capitalise(
      `${describeOperation(read)} contains ${describeValue(element)} ${maxCopies} times; ` +
        "expected once.",
    ),
    element,
    copies: maxCopies,
    read: read.index,
  };
}

function explainPhantom({ element, phantomRead }: ElementTimeline): Explanation {
  const read = phantomRead as Operation;
  return {
    type: "stranger",
    message: capitalise(
      `${describeOperation(read)} contains ${describeValue(element)}, ` +
        "whose addition had not been invoked.",
    ),
    element,
    read: read.index,
  };
}

function explainAborted({ element, failed, lastPresent }: ElementTimeline): Explanation {
  const addition = failed as Operation;
  const read = lastPresent?.index;
  return {
    type: "aborted",
    message: capitalise(
      `${describeOperation(addition)} failed, but the read invoked as operation ${read} contains ` +
        `${describeValue(element)}.`,
    ),
    element,
    failed: addition.index,
    read,
  };
}

/**
 * Separates the phantoms that are an added element as another JSON type, such as "3" for 3, which
 * explain why the element itself is lost.
 */
function partitionRetyped(
  phantoms: readonly ElementTimeline[],
  added: readonly unknown[],
): [retyped: Explanation[], others: ElementTimeline[]] {
  if (phantoms.length === 0) return [[], []];
  const byText = new Map(added.map((element) => [String(element), element]));
  const retyped: Explanation[] = [];
  const others: ElementTimeline[] = [];
  for (const phantom of phantoms) {
    const { element, phantomRead } = phantom;
    const original = byText.get(String(element));
    if (original === undefined || typeof original === typeof element) others.push(phantom);
    else {
      const message = `${describeOperation(phantomRead as Operation)} contains ` +
        `${describeValue(element)}, a ${typeof element}; ` +
        `the value that was added is ${describeValue(original)}, a ${typeof original}.`;
      const read = phantomRead?.index;
      retyped.push({ type: "another-type", message: capitalise(message), element, read });
    }
  }
  return [retyped, others];
}

function explainNonmonotonic({ element, nonmonotonicReads }: ElementTimeline): Explanation {
  const { present, absent } = nonmonotonicReads as { present: Operation; absent: Operation };
  return {
    type: "flickering",
    message: capitalise(
      `${describeOperation(present)} contains ${describeValue(element)}, ` +
        `but the same process's next read, ${describeOperation(absent)}, does not.`,
    ),
    element,
    seen: present.index,
    missed: absent.index,
  };
}
