/**
 * A second judge of logs, for small histories of single sends and polls: each anomaly as it is
 * defined, by trying all pairs, nothing kept and nothing clever. Where a log has two messages at
 * one offset, nobody can say where in it they stand; the oracle then leaves questions of order
 * open.
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

/** What the oracle says. */
export interface OracleAnswer {
  readonly errorTypes: Set<string>;
  /** Whether `errorTypes` speaks of order too. */
  readonly orderKnown: boolean;
}

/** The types of errors in a history whose operations all completed. */
export function judgeNaively(history: History): OracleAnswer {
  const judge = new NaiveJudge(history);
  return { errorTypes: judge.errorTypes(), orderKnown: judge.orderKnown };
}

class NaiveJudge {
  readonly #history: History;
  readonly #completions: Operation[];
  readonly #placed: Entry[];
  readonly orderKnown: boolean;

  constructor(history: History) {
    this.#history = history;
    this.#completions = history.filter(({ type }) => type !== "invoke");
    this.#placed = this.#completions.flatMap((
      operation,
    ) => [...sentBy(operation), ...polledBy(operation)])
      .filter(({ offset }) => !Number.isNaN(offset));
    this.orderKnown = !this.#placed.some((a) =>
      this.#placed.some((b) => a.key === b.key && a.offset === b.offset && a.message !== b.message)
    );
  }

  errorTypes(): Set<string> {
    const types = new Set<string>();
    const claim = (type: string, holds: boolean) => holds && types.add(type);
    claim("inconsistent-offsets", !this.orderKnown);
    claim("duplicate", this.#duplicate());
    claim("G1a", this.#polled("ok").some((entry) => this.#sent("fail").some(same(entry))));
    claim("phantom-poll", this.#polled().some((entry) => !this.#sent().some(same(entry))));
    claim("unseen", this.#unseen());
    claim("lost-write", this.#lostWrite());
    claim("G1c-realtime", this.#cycle());
    for (const completion of this.#completions) {
      for (const delta of this.#insideSteps(completion)) {
        claim("int-poll-skip", delta > 1);
        claim("int-nonmonotonic-poll", delta < 1);
      }
      for (const delta of this.#stepsFromLast(completion, polledBy, ["ok"])) {
        claim("poll-skip", delta > 1);
        claim("nonmonotonic-poll", delta < 1);
      }
      if (completion.type === "fail") continue;
      for (const delta of this.#stepsFromLast(completion, sentBy, ["ok", "info"])) {
        claim("nonmonotonic-send", delta < 1);
      }
    }
    return types;
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
    return this.#placed.some((a) => this.#placed.some((b) => same(a)(b) && a.offset !== b.offset));
  }

  #unseen(): boolean {
    const polled = this.#polled("ok");
    if (this.#sent("ok").some((sent) => !polled.some(same(sent)))) return true;
    // Maelstrom: what the last success polled of keys without any send or poll acknowledged before.
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
    return this.#placed.filter(same(entry)).map(({ offset }) => offset);
  }

  /**
   * How far `to` stands after `from`, in offsets that hold something; 1 where that is not known.
   */
  #delta(from: Entry, to: Entry): number {
    const [start, end] = [this.#offsetsOf(from), this.#offsetsOf(to)];
    if (start.length === 0 || end.length === 0) return 1;
    const index = (offset: number) =>
      new Set(
        this.#placed.filter((entry) => entry.key === from.key && entry.offset < offset)
          .map((entry) => entry.offset),
      ).size;
    return index(Math.max(...end)) - index(Math.max(...start));
  }

  #insideSteps(completion: Operation): number[] {
    const polled = polledBy(completion);
    return polled.slice(1).flatMap((entry, place) => {
      const before = polled[place] as Entry;
      return before.key === entry.key ? [this.#delta(before, entry)] : [];
    });
  }

  /** The distance from the process's last entry of a key to its first one now, for each key. */
  #stepsFromLast(
    completion: Operation,
    entriesOf: (operation: Operation) => Entry[],
    types: readonly string[],
  ): number[] {
    const now = entriesOf(completion);
    const first = now.filter((entry, place) =>
      now.findIndex(({ key }) => key === entry.key) === place
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
        if (last !== undefined) return [this.#delta(last, entry)];
        if (entriesOf === polledBy && keysPolled(operation).some(({ key }) => key === entry.key)) {
          return [];
        }
      }
      return [];
    });
  }

  /** Whether some operation comes before itself, by the closure of all dependencies. */
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
    return before.some((row, place) => row[place]);
  }

  #precedes(a: Operation, b: Operation): boolean {
    if (polledBy(b).some((entry) => sentBy(a).some(same(entry)))) return true;
    const invocation = this.#history.slice(0, b.index).findLast(({ process }) =>
      process === b.process
    );
    return a.type === "ok" && invocation !== undefined && a.index < invocation.index;
  }
}

/** The dense way to the lag of each successful poll: a time for every offset there is. */
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

function same(a: Entry): (b: Entry) => boolean {
  return (b) => a.key === b.key && a.message === b.message;
}
