/**
 * Checks the history of many independent objects, each with a key.
 *
 * Linearizability is local: a history is linearizable if and only if its restriction to each object
 * is (Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", TOPLAS
 * 1990, theorem 1). A search for each key is exponentially cheaper than one search for all.
 *
 * @module
 */

import { canonicalJson } from "../../base/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import { compareJson } from "../compare_json.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import type { Verdict } from "../verdict.ts";
import {
  DEFAULT_TIME_LIMIT_MS,
  limitsUntil,
  LinearizabilityCheck,
  type LinearizableOptions,
} from "./check_linearizable.ts";
import type { Model } from "./model.ts";

/** A key, the client operations on it without the key, and the verdict on them. */
export interface KeyVerdict {
  /** The key, as it stands in the values of operations. */
  readonly key: unknown;
  /** The client operations on the key, with values without the key. */
  readonly operations: History;
  /** The verdict of the linearizability check, see {@link checkLinearizable}. */
  readonly verdict: Verdict;
}

/** The maximum configurations of a key if another key is known to be invalid. */
const MAX_CONFIGURATIONS_AFTER_FAILURE = 20_000;

/**
 * Checks each object of a history whose values are `[key, value]`; returns the verdicts in the order
 * of the keys.
 *
 * All keys are attempted before the search for a hard one continues, so that a hard key does not
 * delay the verdict on an easy one. If a key is invalid, so is the history, and each hard key gets a
 * small limit of configurations. All keys share the time limit.
 */
export function checkKeys<State>(
  history: History,
  model: Model<State>,
  options: LinearizableOptions = {},
): KeyVerdict[] {
  const { now, timeLimitMs = DEFAULT_TIME_LIMIT_MS } = options;
  const deadlineMs = (now?.() ?? 0) + timeLimitMs;
  const limits = limitsUntil(deadlineMs, options);
  const verdicts: KeyVerdict[] = [];
  const hard: { readonly index: number; readonly check: LinearizabilityCheck<State> }[] = [];
  for (const { key, operations } of partitionByKey(history)) {
    const check = new LinearizabilityCheck(operations, model);
    check.attempt(limits);
    const verdict = check.verdict();
    if (verdict["valid?"] === "unknown") hard.push({ index: verdicts.length, check });
    verdicts.push({ key, operations, verdict });
  }
  const isInvalid = verdicts.some(({ verdict }) => verdict["valid?"] === false);
  const maxConfigurations = isInvalid
    ? Math.min(MAX_CONFIGURATIONS_AFTER_FAILURE, limits.maxConfigurations)
    : limits.maxConfigurations;
  hard.forEach(({ index, check }, done) => {
    // Later keys share the time that this key does not use.
    const nowMs = now?.() ?? 0;
    const shareMs = Math.max(0, deadlineMs - nowMs) / (hard.length - done);
    check.finish({ ...limitsUntil(nowMs + shareMs, options), maxConfigurations });
    verdicts[index] = { ...verdicts[index] as KeyVerdict, verdict: check.verdict() };
  });
  return verdicts;
}

interface Part {
  readonly key: unknown;
  readonly operations: Operation[];
}

/** Partitions a history by key, in the order of the keys; removes the key from each value. */
function partitionByKey(history: History): Part[] {
  const parts = new Map<string, Part>();
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    const { value } = operation;
    if (!Array.isArray(value) || value.length !== 2) {
      throw new TypeError(
        `the value of ${describeOperation(operation)} must be [key, value], got ` +
          describeValue(value),
      );
    }
    const name = canonicalJson(value[0]);
    let part = parts.get(name);
    if (part === undefined) parts.set(name, part = { key: value[0], operations: [] });
    part.operations.push({ ...operation, value: value[1] });
  }
  return [...parts.values()].sort((a, b) => compareJson(a.key, b.key));
}
