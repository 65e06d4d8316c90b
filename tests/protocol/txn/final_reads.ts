/**
 * A transactional workload with final reads: after the last fault has healed, each worker reads
 * every key, and all workers must read the same values.
 *
 * @module
 */

import type { Explanation, Verdict } from "../../../lib/check/mod.ts";
import type { History } from "../../../lib/history/mod.ts";
import type { Json } from "../../../lib/base/mod.ts";
import { oncePerWorker } from "../../../lib/workload/generator.ts";
import type { Workload } from "../../../lib/workload/mod.ts";

type MicroOperations = readonly [string, Json, Json][];

/** Adds final reads to a workload. Its verdict has `final`: the distinct states that were read. */
export function withFinalReads(workload: Workload): Workload {
  return {
    ...workload,
    finalGenerator(_options, _random, main) {
      const keys = new Set(main.flatMap(({ f, value }) => f === "txn" ? keysOf(value) : []));
      const txn = [...keys].sort().map((key) => ["r", key, null]);
      return oncePerWorker(() => ({ f: "txn", value: txn, final: true }));
    },
    check(history, context) {
      const states = new Set(finalReads(history).map((value) => JSON.stringify(value)));
      const checked = workload.check(history, context);
      const verdict: Verdict = { ...checked, final: [...states] };
      if (states.size === 1) return verdict;
      const explanations: Explanation[] = [{
        type: "diverged",
        message: `expected all final reads to return the same state, got ${states.size} states`,
      }];
      return { ...verdict, "valid?": false, explanations };
    },
  };
}

function keysOf(value: unknown): Json[] {
  return (value as MicroOperations).map(([, key]) => key);
}

function finalReads(history: History): unknown[] {
  return history.filter(({ type, final }) => type === "ok" && final === true)
    .map(({ value }) => value);
}
