/**
 * Non-monotonic commits: a process polled up to an offset, and so committed it, but a later request
 * for committed offsets returned a lower one.
 *
 * A client's poll completes as `ok` after its highest offsets are committed. The completion of an
 * `assign` has a field `committed`, with the offsets that the node returned, if one of them is too
 * low. Maelstrom's histories lack this field, and its checker ignores commits.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import type { AnomalyCase } from "./anomaly.ts";
import { type Completion, keyName, type Offset } from "./completion.ts";

/**
 * By key: the highest offset that a process has committed, and the completion that committed it.
 */
type KnownCommits = Map<string, { readonly offset: Offset; readonly source: Completion }>;

/** Returns the cases of `nonmonotonic-commit`, in the order of the history. */
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

/** Returns the keys for which an assignment got a lower offset than its process has committed. */
function regressions({ operation }: Completion, known: KnownCommits): AnomalyCase[] {
  const { value, extra } = operation;
  const returned = extra?.committed;
  if (!Array.isArray(value) || !isJsonObject(returned)) return [];
  return value.flatMap((key: unknown) => {
    const before = known.get(keyName(key));
    if (before === undefined) return [];
    const offset = Object.hasOwn(returned, keyName(key))
      ? returned[keyName(key)] as Offset
      : undefined;
    if (offset !== undefined && offset >= before.offset) return [];
    const committed = offset === undefined
      ? "no committed offset"
      : `the committed offset ${offset}`;
    const source = before.source.operation;
    return [{
      key,
      committed: before.offset,
      told: offset ?? null,
      ops: [source, operation],
      message: `${describeOperation(operation)} got ${committed} of key ${describeValue(key)}, ` +
        `although ${describeOperation(source)} had committed ${before.offset}`,
    }];
  });
}

/** Returns the offsets that an ok operation has committed. */
function commitsOf({ operation, polled }: Completion): [key: string, offset: Offset][] {
  if (operation.f !== "poll") return [];
  const commits: [string, Offset][] = [];
  for (const [key, entries] of polled) {
    let highest: Offset | undefined;
    for (const entry of entries) {
      const offset = entry[0];
      if (offset !== undefined && (highest === undefined || offset > highest)) highest = offset;
    }
    if (highest !== undefined) commits.push([key, highest]);
  }
  return commits;
}
