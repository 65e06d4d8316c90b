/**
 * Committed offsets that go back: a process that has polled up to an offset, and so committed it,
 * is told of a lower one when it asks for what is committed.
 *
 * A client's polls are completed as `ok` once their highest offsets are committed; what an `assign`
 * was told, if it is too little, stands in its completion as `committed`. Maelstrom's histories do
 * not have that, and its checker does not look at commits.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import type { AnomalyCase } from "./anomaly.ts";
import { type Completion, keyName, type Offset } from "./completion.ts";

/** By key the highest offset that a process knows to be committed, and from where. */
type KnownCommits = Map<string, { readonly offset: Offset; readonly source: Completion }>;

/** The cases of `nonmonotonic-commit`, in the order of the history. */
export function nonmonotonicCommits(completions: readonly Completion[]): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  const byProcess = new Map<number | string, KnownCommits>();
  for (const completion of completions) {
    const { operation } = completion;
    if (operation.type !== "ok") continue;
    const known: KnownCommits = byProcess.get(operation.process) ?? new Map();
    byProcess.set(operation.process, known);
    if (operation.f === "assign") cases.push(...regressions(completion, known));
    for (const [key, offset] of commitsOf(completion)) {
      const before = known.get(key);
      if (before === undefined || before.offset < offset) {
        known.set(key, { offset, source: completion });
      }
    }
  }
  return cases;
}

/** Where an assignment was told of less than its process knows. */
function regressions({ operation }: Completion, known: KnownCommits): AnomalyCase[] {
  const { value, extra } = operation;
  const told = extra?.committed;
  if (!Array.isArray(value) || !isJsonObject(told)) return [];
  return value.flatMap((key: unknown) => {
    const before = known.get(keyName(key));
    if (before === undefined) return [];
    const offset = Object.hasOwn(told, keyName(key)) ? told[keyName(key)] as Offset : undefined;
    if (offset !== undefined && offset >= before.offset) return [];
    const what = offset === undefined ? "nothing is committed" : `${offset} is committed`;
    const source = before.source.operation;
    return [{
      key,
      committed: before.offset,
      told: offset ?? null,
      ops: [source, operation],
      message: `${describeOperation(operation)} was told that ${what} of key ` +
        `${describeValue(key)}, though ${before.offset} was after ${describeOperation(source)}`,
    }];
  });
}

/** The offsets that an operation, if it has succeeded, has committed. */
function commitsOf({ operation, polled }: Completion): [key: string, offset: Offset][] {
  if (operation.f !== "poll") return [];
  return [...polled].flatMap(([key, entries]): [string, Offset][] => {
    const offsets = entries.flatMap(({ offset }) => offset === undefined ? [] : [offset]);
    const [first, ...others] = offsets;
    if (first === undefined) return [];
    return [[key, others.reduce((highest, one) => one > highest ? one : highest, first)]];
  });
}
