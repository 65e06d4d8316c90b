/**
 * A direct implementation of Jepsen's definition of set-full: it compares every read with every
 * element. Slow, and independent of the checker that is tested against it.
 *
 * @module
 */

import type { History, Operation } from "../../lib/history/mod.ts";

/** One element's outcome by the definition. */
export interface OracleElement {
  readonly outcome: "stable" | "lost" | "never-read";
  /** Milliseconds; null for other outcomes. */
  readonly stableLatency: number | null;
  readonly lostLatency: number | null;
}

interface Read {
  readonly invoke: Operation;
  readonly ok: Operation;
  readonly elements: readonly unknown[];
}

/** Returns the outcome of each added element. All elements must be atoms. */
export function setFullOracle(history: History): Map<unknown, OracleElement> {
  const reads = readsOf(history);
  const results = new Map<unknown, OracleElement>();
  for (const add of history.filter(({ f, type }) => f === "add" && type === "invoke")) {
    results.set(add.value, outcomeOf(add, history, reads));
  }
  return results;
}

function readsOf(history: History): Read[] {
  return history.filter(({ f, type }) => f === "read" && type === "ok").map((ok) => {
    const invoke = history.findLast(({ process, type, index }) =>
      process === ok.process && type === "invoke" && index < ok.index
    ) as Operation;
    return { invoke, ok, elements: ok.value as unknown[] };
  });
}

function outcomeOf(add: Operation, history: History, reads: readonly Read[]): OracleElement {
  const later = reads.filter(({ ok }) => ok.index > add.index);
  const present = later.filter(({ elements }) => elements.includes(add.value));
  const absent = later.filter(({ elements }) => !elements.includes(add.value));
  const added = history.find(({ f, type, value, index }) =>
    f === "add" && type === "ok" && value === add.value && index > add.index
  );
  const known = first([...(added === undefined ? [] : [added]), ...present.map(({ ok }) => ok)]);
  const lastPresent = last(present);
  const lastAbsent = last(absent);
  const latency = (until: Operation | undefined) =>
    Math.floor(Math.max(0, (until === undefined ? 0 : until.time + 1) - (known?.time ?? 0)) / 1e6);
  if (lastPresent !== undefined && (lastAbsent?.index ?? -1) < lastPresent.index) {
    return { outcome: "stable", stableLatency: latency(lastAbsent), lostLatency: null };
  }
  if (
    known !== undefined && lastAbsent !== undefined &&
    (lastPresent?.index ?? -1) < lastAbsent.index && known.index < lastAbsent.index
  ) {
    return { outcome: "lost", stableLatency: null, lostLatency: latency(lastPresent) };
  }
  return { outcome: "never-read", stableLatency: null, lostLatency: null };
}

function first(operations: readonly Operation[]): Operation | undefined {
  return operations.toSorted((a, b) => a.index - b.index)[0];
}

function last(reads: readonly Read[]): Operation | undefined {
  return reads.map(({ invoke }) => invoke).toSorted((a, b) => b.index - a.index)[0];
}
