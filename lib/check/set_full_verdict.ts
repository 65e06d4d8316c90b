/**
 * Turns what is known of each element of a set into a verdict: stable, lost or never read, how long
 * that took, and why.
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

/** What the reads of a history say about one element. */
export interface ElementTimeline {
  readonly element: unknown;
  /** Its addition's invocation; undefined while nobody has sent it. */
  added: Operation | undefined;
  /** What proves first that it is in the set: its addition's ok, or a read that holds it. */
  known: Operation | undefined;
  /** The latest-invoked read that holds it. */
  lastPresent: Operation | undefined;
  /** The latest-invoked read that does not. */
  lastAbsent: Operation | undefined;
  /** The most often that one read holds it, and that read. */
  maxCopies: number;
  maxCopiesRead: Operation | undefined;
  /** The first read that holds it before anybody sent it. */
  phantomRead: Operation | undefined;
  /** Two reads of one process in a row of which only the first holds it. */
  nonmonotonicReads: { readonly present: Operation; readonly absent: Operation } | undefined;
}

interface Outcome {
  readonly timeline: ElementTimeline;
  readonly element: unknown;
  readonly outcome: "stable" | "lost" | "never-read";
  /** Milliseconds from known to stable; null unless stable. */
  readonly stableLatency: number | null;
  /** Milliseconds from known to lost; null unless lost. */
  readonly lostLatency: number | null;
}

const MAX_WORST_STALE = 8;

/** The verdict on a set from the timelines of its elements. */
export function setFullVerdict(timelines: readonly ElementTimeline[]): Verdict {
  const sorted = [...timelines].sort((a, b) => compareJson(a.element, b.element));
  const outcomes = sorted.filter(({ added }) => added !== undefined).map(outcomeOf);
  const stable = outcomes.filter(({ outcome }) => outcome === "stable");
  const lost = outcomes.filter(({ outcome }) => outcome === "lost");
  const neverRead = outcomes.filter(({ outcome }) => outcome === "never-read");
  const stale = stable.filter(({ stableLatency }) => (stableLatency ?? 0) > 0);
  const duplicated = sorted.filter(({ maxCopies: copies }) => copies > 1);
  const phantoms = sorted.filter(({ phantomRead: strangerIn }) => strangerIn !== undefined);
  const nonmonotonic = sorted.filter(({ nonmonotonicReads: flicker }) => flicker !== undefined);
  const jepsen: Valid = lost.length > 0 ? false : stable.length === 0 ? "unknown" : true;
  const valid = duplicated.length > 0 || phantoms.length > 0 ? false : jepsen;
  const maelstrom = clojureCanOrder(outcomes.map(elementOf)) ? jepsen : "unknown";
  const explanations = [
    ...lost.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainLost),
    ...duplicated.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainDuplicated),
    ...phantoms.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainPhantom),
    ...nonmonotonic.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainNonmonotonic),
  ];
  const stableLatencies = quantiles(latencies(stable, "stableLatency"));
  const lostLatencies = quantiles(latencies(lost, "lostLatency"));
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
    duplicated: new Map(duplicated.map(({ element, maxCopies: copies }) => [element, copies])),
    ...countAndElements("stranger-count", "strangers", phantoms),
    ...countAndElements("flickering-count", "flickering", nonmonotonic),
    ...(explanations.length === 0 ? {} : { explanations }),
  };
}

/** Faults that Maelstrom does not look for: counted and listed only where there are any. */
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
    const stableLatency = latencyMs(known, lastAbsent);
    return { timeline, element, outcome: "stable", stableLatency, lostLatency: null };
  }
  if (known !== undefined && presentIndex < absentIndex && known.index < absentIndex) {
    const lostLatency = latencyMs(known, lastPresent);
    return { timeline, element, outcome: "lost", stableLatency: null, lostLatency };
  }
  return { timeline, element, outcome: "never-read", stableLatency: null, lostLatency: null };
}

/** Whole ms from when an element was known to just after the last read was invoked that says otherwise. */
function latencyMs(known: Operation, last: Operation | undefined): number {
  const end = last === undefined ? 0 : last.time + 1;
  return Math.floor(Math.max(0, end - known.time) / 1e6);
}

function latencies(
  outcomes: readonly Outcome[],
  which: "stableLatency" | "lostLatency",
): number[] {
  return outcomes.map((outcome) => outcome[which] ?? 0);
}

function elementOf({ element }: { readonly element: unknown }): unknown {
  return element;
}

function worstStale(stale: readonly Outcome[]): unknown[] {
  return [...stale]
    .sort((a, b) => (a.stableLatency ?? 0) - (b.stableLatency ?? 0))
    .reverse()
    .slice(0, MAX_WORST_STALE)
    .map(({ element, outcome, stableLatency, lostLatency, timeline }) => ({
      element,
      outcome,
      "stable-latency": stableLatency,
      "lost-latency": lostLatency,
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
    message: `${describeValue(element)} was in the set by ${describeOperation(known)}` +
      (present === undefined
        ? ", no read holds it"
        : `, the last read to hold it was invoked as operation ${present.index}`) +
      `, and the read invoked as operation ${absent.index} does not hold it any more.`,
    element,
    known,
    "last-present": present ?? null,
    "last-absent": absent,
  };
}

function explainDuplicated(
  { element, maxCopies: copies, maxCopiesRead: copiesIn }: ElementTimeline,
): Explanation {
  const read = copiesIn as Operation;
  return {
    type: "duplicated",
    message: capitalise(
      `${describeOperation(read)} holds ${describeValue(element)} ${copies} times; ` +
        "a set holds an element once.",
    ),
    element,
    copies,
    read: read.index,
  };
}

function explainPhantom({ element, phantomRead: strangerIn }: ElementTimeline): Explanation {
  const read = strangerIn as Operation;
  return {
    type: "stranger",
    message: capitalise(
      `${describeOperation(read)} holds ${describeValue(element)}, which nobody had sent by then.`,
    ),
    element,
    read: read.index,
  };
}

function explainNonmonotonic(
  { element, nonmonotonicReads: flicker }: ElementTimeline,
): Explanation {
  const { present, absent } = flicker as { present: Operation; absent: Operation };
  return {
    type: "flickering",
    message: capitalise(
      `${describeOperation(present)} holds ${describeValue(element)}, ` +
        `but the same process's next read, ${describeOperation(absent)}, does not.`,
    ),
    element,
    seen: present.index,
    missed: absent.index,
  };
}
