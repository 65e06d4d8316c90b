/**
 * Anomalies to plant in histories of correct logs, by the type of error that the checker must find.
 *
 * @module
 */

import type { Random } from "../../../lib/base/mod.ts";
import type { Operation } from "../../../lib/history/mod.ts";

/** An entry in a poll's result. */
export type Pair = [offset: number, message: number];

/** The entries of one key in a poll's result. */
interface PolledList {
  readonly operation: Operation;
  readonly key: string;
  readonly pairs: Pair[];
}

/** Plants an anomaly in a history; returns false if the history lacks the operations for it. */
export type Fault = (history: Operation[], random: Random) => boolean;

/** The anomalies by type of error. */
export const faults: Readonly<Record<string, Fault>> = {
  duplicate: atRandomList(1, ({ pairs }) => {
    const [offset, message] = pairs.at(-1) as Pair;
    pairs.push([offset + 1_000_000, message]);
  }),
  "inconsistent-offsets": atRandomList(2, ({ pairs }) => {
    const [first, second] = pairs as [Pair, Pair];
    second[0] = first[0];
  }),
  "phantom-poll": atRandomList(1, ({ pairs }) => {
    (pairs[0] as Pair)[1] = -1;
  }),
  "int-nonmonotonic-poll": atRandomList(2, ({ pairs }) => {
    pairs.reverse();
  }),
  "int-poll-skip"(history, random) {
    const sent = acknowledgedMessages(history);
    const found = lists(history).filter(({ pairs }) => {
      const middle = pairs.length >= 3 ? pairs[1] : undefined;
      return middle !== undefined && sent.has(middle[1]);
    });
    if (found.length === 0) return false;
    random.pick(found).pairs.splice(1, 1);
    return true;
  },
  G1a(history, random) {
    const failed = history.filter(({ f, type }) => f === "send" && type === "fail");
    if (failed.length === 0) return false;
    const [[, key, message]] = random.pick(failed).value as [[string, string, number]];
    const list = lists(history).findLast((list) => list.key === key);
    list?.pairs.push([(list.pairs.at(-1) as Pair)[0] + 1_000_000, message]);
    return list !== undefined;
  },
  "poll-skip": betweenPolls((_, after, sent) => {
    const [first, second] = after.pairs;
    if (first === undefined || second === undefined || !sent.has(first[1])) return false;
    after.pairs.shift();
    return true;
  }),
  "nonmonotonic-poll": betweenPolls((before, after) => {
    after.pairs.unshift(before.pairs.at(-1) as Pair);
    return true;
  }),
  "lost-write"(history, random) {
    const [key, message] = anAcknowledgedSend(history, random, (pairs) => pairs.slice(0, -1)) ?? [];
    if (key === undefined) return false;
    forget(history, key, message);
    return true;
  },
  unseen(history, random) {
    const [key, message] = anAcknowledgedSend(history, random, (pairs) => pairs.slice(-1)) ?? [];
    if (key === undefined) return false;
    forget(history, key, message);
    return true;
  },
};

/** Changes up to `count` entries at random, for comparison with an oracle. */
export function corrupt(history: Operation[], random: Random, count: number): void {
  const pairs = [
    ...lists(history).flatMap(({ pairs }) => pairs),
    ...history.filter(({ f, type }) => f === "send" && type === "ok")
      .map(({ value }) => (value as [[string, string, Pair]])[0][2]),
  ];
  const changes: ((pair: Pair) => void)[] = [
    (pair) => pair[0] = random.pick(pairs)[0],
    (pair) => pair[0] += random.integer(3),
    (pair) => pair[1] = random.pick(pairs)[1],
  ];
  for (let done = 0; done < count && pairs.length > 0; done++) {
    const list = random.pick(lists(history));
    if (random.chance(0.4) && list !== undefined) list.pairs.splice(random.integer(3), 1);
    else random.pick(changes)(random.pick(pairs));
  }
}

/** Returns the lists in ok polls. They are not copies: changing one changes the history. */
function lists(history: readonly Operation[]): PolledList[] {
  return history.filter(({ f, type }) => f === "poll" && type === "ok").flatMap((operation) => {
    const [[, logs]] = operation.value as [[string, Record<string, Pair[]>]];
    return Object.entries(logs).map(([key, pairs]) => ({ operation, key, pairs }));
  });
}

function atRandomList(minLength: number, change: (list: PolledList) => void): Fault {
  return (history, random) => {
    const found = lists(history).filter(({ pairs }) => pairs.length >= minLength);
    if (found.length === 0) return false;
    change(random.pick(found));
    return true;
  };
}

/** Applies a change to two successive polls of one process and key. */
function betweenPolls(
  change: (before: PolledList, after: PolledList, sent: ReadonlySet<number>) => boolean,
): Fault {
  return (history) => {
    const found = lists(history);
    const sent = acknowledgedMessages(history);
    for (const after of found) {
      const before = found.findLast(({ operation, key }) =>
        operation.process === after.operation.process && key === after.key &&
        operation.index < after.operation.index
      );
      if (before === undefined || isAssignedBetween(history, before, after)) continue;
      if (change(before, after, sent)) return true;
    }
    return false;
  };
}

function isAssignedBetween(history: Operation[], before: PolledList, after: PolledList): boolean {
  return history.slice(before.operation.index, after.operation.index).some(({ f, process }) =>
    f === "assign" && process === after.operation.process
  );
}

/** Picks an acknowledged send from the entries that `among` selects from each key's log. */
function anAcknowledgedSend(
  history: Operation[],
  random: Random,
  among: (pairs: Pair[]) => Pair[],
): [key: string, message: number] | undefined {
  const sent = acknowledgedMessages(history);
  const candidates = ["0", "1", "2"].flatMap((key) => {
    const log = new Map(
      lists(history).filter((list) => list.key === key).flatMap(({ pairs }) => pairs),
    );
    const pairs = [...log].sort(([a], [b]) => a - b);
    return among(pairs).filter(([, message]) => sent.has(message))
      .map(([, message]): [string, number] => [key, message]);
  });
  return candidates.length === 0 ? undefined : random.pick(candidates);
}

function acknowledgedMessages(history: readonly Operation[]): Set<number> {
  return new Set(
    history.filter(({ f, type }) => f === "send" && type === "ok")
      .map(({ value }) => (value as [[string, string, Pair]])[0][2][1]),
  );
}

function forget(history: Operation[], key: string, message: number | undefined): void {
  for (const list of lists(history)) {
    const index = list.key === key ? list.pairs.findIndex((pair) => pair[1] === message) : -1;
    if (index >= 0) list.pairs.splice(index, 1);
  }
}
