/**
 * An oracle for histories of logs with single sends and polls: it implements each anomaly's
 * definition directly, by comparing all pairs. For small histories. Two messages at one offset make
 * the log's order ambiguous; the oracle then does not decide the anomalies of order.
 *
 * @module
 */

import type { History, Operation } from "../../../lib/history/mod.ts";

type Pair = [offset: number, message: number];

interface Entry {
  readonly key: string;
  readonly offset: number;
  readonly message: number;
}

/** The evidence of an anomaly: some of the fields of an `AnomalyCase`. */
export type Evidence = Readonly<Record<string, unknown>>;

/** Two successive entries of a log, and the difference of their messages' indexes. */
interface Step {
  readonly key: string;
  readonly values: readonly [before: number, after: number];
  readonly delta: number;
  /** The messages between them, in the log's order. */
  readonly skipped: readonly number[];
}

/** The oracle's result. */
export interface OracleResult {
  readonly errorTypes: Set<string>;
  /** The cases of some of the types. */
  readonly cases: ReadonlyMap<string, readonly Evidence[]>;
  /** Whether `errorTypes` includes the anomalies of order. */
  readonly orderKnown: boolean;
}

/** Finds the types of errors. All operations must have completions. */
export function findErrorsNaively(history: History): OracleResult {
  const oracle = new Oracle(history);
  const { orderKnown } = oracle;
  return { errorTypes: oracle.errorTypes(), cases: oracle.cases(), orderKnown };
}

class Oracle {
  readonly #history: History;
  readonly #completions: Operation[];
  readonly #entries: Entry[];
  readonly orderKnown: boolean;

  constructor(history: History) {
    this.#history = history;
    this.#completions = history.filter(({ type }) => type !== "invoke");
    this.#entries = this.#completions.flatMap((
      operation,
    ) => [...sentBy(operation), ...polledBy(operation)])
      .filter(({ offset }) => !Number.isNaN(offset));
    this.orderKnown = !this.#entries.some((a) =>
      this.#entries.some((b) => a.key === b.key && a.offset === b.offset && a.message !== b.message)
    );
  }

  errorTypes(): Set<string> {
    const types = new Set<string>();
    const add = (type: string, holds: boolean) => holds && types.add(type);
    add("inconsistent-offsets", !this.orderKnown);
    add("duplicate", this.#duplicate());
    add("G1a", this.#polled("ok").some((entry) => this.#sent("fail").some(same(entry))));
    add("phantom-poll", this.#polled().some((entry) => !this.#sent().some(same(entry))));
    add("unseen", this.#unseen());
    add("lost-write", this.#lostWrite());
    add("G1c-realtime", this.#cycle());
    for (const completion of this.#completions) {
      for (const { delta } of this.#internalSteps(completion)) {
        add("int-poll-skip", delta > 1);
        add("int-nonmonotonic-poll", delta < 1);
      }
      for (const { delta } of this.#externalSteps(completion, polledBy, ["ok"])) {
        add("poll-skip", delta > 1);
        add("nonmonotonic-poll", delta < 1);
      }
      if (completion.type === "fail") continue;
      for (const { delta } of this.#externalSteps(completion, sentBy, ["ok", "info"])) {
        add("nonmonotonic-send", delta < 1);
      }
    }
    return types;
  }

  /** The evidence of the anomalies of single messages and of order, in any order. */
  cases(): Map<string, Evidence[]> {
    const cases = new Map<string, Evidence[]>();
    const add = (type: string, evidence: Evidence) =>
      cases.set(type, [...cases.get(type) ?? [], evidence]);
    for (const completion of this.#completions) {
      const { index, type } = completion;
      for (const step of this.#internalSteps(completion)) addStep("int-", step, { op: index });
      for (const step of this.#externalSteps(completion, polledBy, ["ok"])) addStep("", step, {});
      if (type === "fail") continue;
      for (const step of this.#externalSteps(completion, sentBy, ["ok", "info"])) {
        const { key, values, delta } = step;
        if (delta < 1) add("nonmonotonic-send", { key, values, delta });
      }
    }
    for (const polled of this.#completions.filter(({ type }) => type === "ok")) {
      for (const { key, message } of polledBy(polled)) {
        const writer = this.#completions.findLast((operation) =>
          sentBy(operation).some((sent) => sent.key === key && sent.message === message)
        );
        if (writer?.type !== "fail") continue;
        add("G1a", { key, value: message, reader: polled.index, writer: writer.index });
      }
    }
    for (const entry of distinct(this.#entries)) {
      const { key, message: value } = entry;
      const offsets = [...new Set(this.#offsetsOf(entry))].sort((a, b) => a - b);
      if (offsets.length > 1) add("duplicate", { key, value, count: offsets.length, offsets });
      const count = this.#polled().filter(same(entry)).length;
      if (!this.#sent().some(same(entry))) add("phantom-poll", { key, value, count });
    }
    return cases;

    function addStep(prefix: string, { key, values, delta, skipped }: Step, more: Evidence): void {
      const isSkip = delta > 1;
      const name = `${prefix}${isSkip ? "poll-skip" : "nonmonotonic-poll"}`;
      if (delta === 1) return;
      const hasValues = prefix !== "" || !isSkip;
      add(name, {
        ...{ key, delta },
        ...more,
        ...(hasValues ? { values } : {}),
        ...(isSkip ? { skipped } : {}),
      });
    }
  }

  #sent(type?: string): Entry[] {
    return this.#completions.filter((operation) => (type ?? operation.type) === operation.type)
      .flatMap(sentBy);
  }

  #polled(type?: string): Entry[] {
    return this.#completions.filter((operation) => (type ?? operation.type) === operation.type)
      .flatMap(polledBy);
  }

  #duplicate(): boolean {
    return this.#entries.some((a) =>
      this.#entries.some((b) => same(a)(b) && a.offset !== b.offset)
    );
  }

  #unseen(): boolean {
    const polled = this.#polled("ok");
    if (this.#sent("ok").some((sent) => !polled.some(same(sent)))) return true;
    // As Maelstrom counts: the last ok polled a key without an earlier acknowledged send or poll.
    const successes = this.#completions.filter(({ type, f }) => type === "ok" && f !== "assign");
    const last = successes.pop();
    const known = successes.flatMap((
      operation,
    ) => [...sentBy(operation), ...keysPolled(operation)]);
    return last !== undefined &&
      polledBy(last).some(({ key }) => !known.some((entry) => entry.key === key));
  }

  #lostWrite(): boolean {
    const polled = this.#polled("ok");
    return this.#sent("ok").some((sent) =>
      !polled.some(same(sent)) && polled.some((later) =>
        later.key === sent.key &&
        Math.min(...this.#offsetsOf(later)) > Math.max(...this.#offsetsOf(sent))
      )
    );
  }

  #offsetsOf(entry: Entry): number[] {
    return this.#entries.filter(same(entry)).map(({ offset }) => offset);
  }

  /** The step between two entries of a key. The difference is 1 if an index is unknown. */
  #step(from: Entry, to: Entry): Step {
    const delta = this.#delta(from, to);
    const start = Math.max(...this.#offsetsOf(from));
    const later = new Map(
      this.#entries.filter(({ key, offset }) => key === from.key && offset > start)
        .sort((a, b) => a.offset - b.offset)
        .map(({ offset, message }) => [offset, message]),
    );
    return {
      key: from.key,
      values: [from.message, to.message],
      delta,
      skipped: [...later.values()].slice(0, Math.max(0, delta - 1)),
    };
  }

  #delta(from: Entry, to: Entry): number {
    const [start, end] = [this.#offsetsOf(from), this.#offsetsOf(to)];
    if (start.length === 0 || end.length === 0) return 1;
    const index = (offset: number) =>
      new Set(
        this.#entries.filter((entry) => entry.key === from.key && entry.offset < offset)
          .map((entry) => entry.offset),
      ).size;
    return index(Math.max(...end)) - index(Math.max(...start));
  }

  #internalSteps(completion: Operation): Step[] {
    const polled = polledBy(completion);
    return polled.slice(1).flatMap((entry, index) => {
      const before = polled[index] as Entry;
      return before.key === entry.key ? [this.#step(before, entry)] : [];
    });
  }

  /** For each key: the step from the process's last entry to its first one in this operation. */
  #externalSteps(
    completion: Operation,
    entriesOf: (operation: Operation) => Entry[],
    types: readonly string[],
  ): Step[] {
    const now = entriesOf(completion);
    const first = now.filter((entry, index) =>
      now.findIndex(({ key }) => key === entry.key) === index
    );
    return first.flatMap((entry) => {
      const before = this.#history.slice(0, completion.index).reverse();
      for (const operation of before) {
        if (operation.process !== completion.process) continue;
        const { f, type, value } = operation;
        if (f === "assign" && (type === "ok" || type === "info")) {
          if (!(value as string[]).includes(entry.key)) return [];
        }
        if (!types.includes(type)) continue;
        const last = entriesOf(operation).findLast(({ key }) => key === entry.key);
        if (last !== undefined) return [this.#step(last, entry)];
        if (entriesOf === polledBy && keysPolled(operation).some(({ key }) => key === entry.key)) {
          return [];
        }
      }
      return [];
    });
  }

  /** Whether an operation precedes itself in the transitive closure of all dependencies. */
  #cycle(): boolean {
    const operations = this.#completions.filter(({ f }) => f !== "assign");
    const before = operations.map((a) => operations.map((b) => this.#precedes(a, b)));
    operations.forEach((_, middle) =>
      operations.forEach((_, from) => {
        if (!before[from]?.[middle]) return;
        operations.forEach((_, to) => {
          if (before[middle]?.[to]) (before[from] as boolean[])[to] = true;
        });
      })
    );
    return before.some((row, vertex) => row[vertex]);
  }

  #precedes(a: Operation, b: Operation): boolean {
    if (polledBy(b).some((entry) => sentBy(a).some(same(entry)))) return true;
    const invocation = this.#history.slice(0, b.index).findLast(({ process }) =>
      process === b.process
    );
    return a.type === "ok" && invocation !== undefined && a.index < invocation.index;
  }
}

/** Returns the lag of each ok poll by scanning the history for each key. */
export function lagsNaively(history: History): number[] {
  const lags: number[] = [];
  const known = new Map<unknown, Map<string, number>>();
  for (const operation of history) {
    const { type, f, process, value, index } = operation;
    if (type !== "ok" || f === "send") continue;
    const offsets = known.get(process) ?? new Map<string, number>();
    known.set(process, offsets);
    if (f === "assign") {
      const kept = (value as string[]).map((key) => [key, offsets.get(key) ?? -1] as const);
      known.set(process, new Map(kept));
      continue;
    }
    for (const { key } of keysPolled(operation)) offsets.set(key, offsets.get(key) ?? -1);
    for (const { key, offset } of polledBy(operation)) {
      offsets.set(key, Math.max(offsets.get(key) ?? -1, offset));
    }
    const invocation = history.slice(0, index).findLast((other) => other.process === process);
    const times = [...offsets].map(([key, offset]) => {
      const later = history.find((other) =>
        other.type !== "invoke" &&
        [...sentBy(other), ...polledBy(other)].some((entry) =>
          entry.key === key && entry.offset > offset
        )
      );
      return Math.max(0, (invocation?.time ?? 0) - (later?.time ?? Infinity));
    });
    if (times.length > 0) lags.push(Math.max(...times));
  }
  return lags;
}

function sentBy({ f, value }: Operation): Entry[] {
  if (f !== "send") return [];
  const [[, key, sent]] = value as [[string, string, number | Pair]];
  const [offset, message] = Array.isArray(sent) ? sent : [NaN, sent];
  return [{ key, offset, message }];
}

function polledBy(operation: Operation): Entry[] {
  return Object.entries(logsOf(operation)).flatMap(([key, pairs]) =>
    pairs.map(([offset, message]) => ({ key, offset, message }))
  );
}

function keysPolled(operation: Operation): { key: string }[] {
  return Object.keys(logsOf(operation)).map((key) => ({ key }));
}

function logsOf({ f, type, value }: Operation): Record<string, Pair[]> {
  return f === "poll" && type === "ok" ? (value as [[string, Record<string, Pair[]>]])[0][1] : {};
}

function distinct(entries: readonly Entry[]): Entry[] {
  return entries.filter((entry, index) => entries.findIndex(same(entry)) === index);
}

function same(a: Entry): (b: Entry) => boolean {
  return (b) => a.key === b.key && a.message === b.message;
}
