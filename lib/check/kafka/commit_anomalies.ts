/**
 * Anomalies of committed offsets, which Maelstrom's checker ignores:
 *
 * - a non-monotonic commit: a process polled up to an offset, and so committed it, but a later
 *   request for committed offsets returned a lower one
 * - a phantom commit: the returned offset is higher than every offset that was committed
 * - an unrequested commit: the returned offset is that of a key that was not requested
 *
 * A client's poll completes as `ok` after its highest offsets are committed. The completion of an
 * `assign` has a field `committed` with the offsets that the node returned, if any. Maelstrom's
 * histories lack this field.
 *
 * @module
 */

import { isJsonObject, type JsonObject } from "../../base/mod.ts";
import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import type { AnomalyCase } from "./anomaly.ts";
import { type Completion, keyName, type Offset } from "./completion.ts";

/**
 * By key: the highest offset that a process has committed, and the completion that committed it.
 */
type KnownCommits = Map<string, { readonly offset: Offset; readonly source: Completion }>;

/** The cases of each anomaly of commits, in the order of the history. */
export interface CommitCases {
  readonly nonmonotonic: readonly AnomalyCase[];
  readonly phantom: readonly AnomalyCase[];
  readonly unrequested: readonly AnomalyCase[];
}

/** Finds `nonmonotonic-commit`, `phantom-commit` and `unrequested-commit`. */
export function commitAnomalies(completions: readonly Completion[]): CommitCases {
  const listings = completions.filter(({ operation }) => listingOf(operation) !== undefined);
  if (listings.length === 0) return { nonmonotonic: [], phantom: [], unrequested: [] };
  return {
    nonmonotonic: nonmonotonicCommits(completions),
    phantom: phantomCommits(completions, listings),
    unrequested: unrequestedCommits(listings),
  };
}

function nonmonotonicCommits(completions: readonly Completion[]): AnomalyCase[] {
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
  const { value } = operation;
  const returned = listingOf(operation);
  if (!Array.isArray(value) || returned === undefined) return [];
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

/**
 * Returns the cases of `phantom-commit`. Only polls that were invoked before an assignment completed
 * can have committed what it got. An indeterminate poll may have committed any offset, so assignments
 * after one are not examined.
 *
 * A node may return the offset after the committed one, as Kafka does: a client that continues there
 * skips no message.
 */
function phantomCommits(
  completions: readonly Completion[],
  assignments: readonly Completion[],
): AnomalyCase[] {
  const polls = completions.filter(({ operation: { f } }) => f === "poll")
    .sort((a, b) => invokedAt(a) - invokedAt(b));
  const highest = new Map<string, Offset>();
  const cases: AnomalyCase[] = [];
  let next = 0;
  for (const { operation } of assignments) {
    for (let poll = polls[next]; poll !== undefined; poll = polls[++next]) {
      if (invokedAt(poll) > operation.index) break;
      if (poll.operation.type === "info") return cases;
      for (const [key, offset] of commitsOf(poll)) {
        const before = highest.get(key);
        if (before === undefined || before < offset) highest.set(key, offset);
      }
    }
    cases.push(...tooHigh(operation, highest));
  }
  return cases;
}

function tooHigh(operation: Operation, highest: ReadonlyMap<string, Offset>): AnomalyCase[] {
  return Object.entries(listingOf(operation) ?? {}).flatMap(([key, listed]) => {
    const offset = listed as Offset;
    const committed = highest.get(key);
    if (offset < 0 || (committed !== undefined && BigInt(offset) <= BigInt(committed) + 1n)) {
      return [];
    }
    const known = committed === undefined ? "none was" : `the highest was ${committed}`;
    return [{
      key,
      committed: committed ?? null,
      told: offset,
      op: operation,
      message: `${describeOperation(operation)} got the committed offset ${offset} of key ` +
        `${describeValue(key)}, but no client had committed it: ${known}`,
    }];
  });
}

function unrequestedCommits(assignments: readonly Completion[]): AnomalyCase[] {
  return assignments.flatMap(({ operation }) => {
    const { value } = operation;
    if (!Array.isArray(value)) return [];
    const requested = new Set(value.map(keyName));
    return Object.entries(listingOf(operation) ?? {})
      .filter(([key]) => !requested.has(key))
      .map(([key, offset]) => ({
        key,
        op: operation,
        message: `${describeOperation(operation)} got the committed offset ${offset} of key ` +
          `${describeValue(key)}, but the client had requested ${describeValue(value)} only`,
      }));
  });
}

/** Returns the committed offsets that an ok assignment got; undefined if it does not record them. */
function listingOf({ type, f, extra }: Operation): JsonObject | undefined {
  if (type !== "ok" || f !== "assign") return undefined;
  const committed = extra?.committed;
  return isJsonObject(committed) ? committed : undefined;
}

function invokedAt({ invocation, operation }: Completion): number {
  return (invocation ?? operation).index;
}

/** Returns the offsets that an ok operation has committed. */
function commitsOf({ operation, polled }: Completion): [key: string, offset: Offset][] {
  if (operation.f !== "poll" || operation.type !== "ok") return [];
  const commits: [string, Offset][] = [];
  for (const { key, highest } of polled) if (highest !== undefined) commits.push([key, highest]);
  return commits;
}
