/**
 * Checks Maelstrom's `lin-kv` workload: independent registers, partitioned by key.
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
import { mergeValid, type Verdict } from "../verdict.ts";
import { casRegister } from "./cas_register.ts";
import {
  checkLinearizable,
  DEFAULT_TIME_LIMIT_MS,
  type LinearizableOptions,
} from "./check_linearizable.ts";

/** The verdict of {@link checkLinearizableRegisters}. */
export interface RegistersVerdict extends Verdict {
  /** The verdict on each key. */
  readonly results: ReadonlyMap<unknown, Verdict>;
  /** The keys that are not linearizable. */
  readonly failures: readonly unknown[];
}

/**
 * Checks a history whose values are `[key, value]`: `read` (null in its invocation), `write`, and
 * `cas` with `[key, [from, to]]`. `results` holds each key's verdict as `linearizable`; `failures`
 * lists the keys that are not linearizable. All keys share the time limit; each key has the whole
 * limit of configurations.
 */
export function checkLinearizableRegisters(
  history: History,
  options: LinearizableOptions = {},
): RegistersVerdict {
  const parts = [...partitionByKey(history).values()].sort((a, b) => compareJson(a.key, b.key));
  const { now, timeLimitMs = DEFAULT_TIME_LIMIT_MS } = options;
  const deadlineMs = (now?.() ?? 0) + timeLimitMs;
  const results = new Map<unknown, Verdict>();
  parts.forEach(({ key, operations }, index) => {
    // Later keys share the time that this key does not use.
    const shareMs = Math.max(0, deadlineMs - (now?.() ?? 0)) / (parts.length - index);
    const linearizable = checkLinearizable(operations, casRegister, {
      ...options,
      timeLimitMs: shareMs,
    });
    results.set(key, { linearizable, "valid?": linearizable["valid?"] });
  });
  return {
    "valid?": mergeValid([...results.values()].map((result) => result["valid?"])),
    results,
    failures: [...results].filter(([, result]) => result["valid?"] === false).map(([key]) => key),
  };
}

interface Part {
  readonly key: unknown;
  readonly operations: Operation[];
}

/** Partitions a history by key; removes the key from each value. */
function partitionByKey(history: History): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    const { value } = operation;
    if (!Array.isArray(value) || value.length !== 2) continue;
    const name = canonicalJson(value[0]);
    const part: Part = parts.get(name) ?? { key: value[0], operations: [] };
    parts.set(name, part);
    part.operations.push({ ...operation, value: value[1] });
  }
  return parts;
}
