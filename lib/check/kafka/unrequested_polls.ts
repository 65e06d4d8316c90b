/**
 * Unrequested polls: a poll returned messages of a key that its process had not assigned, so the
 * client had not requested the key. Maelstrom does not compare a reply with its request.
 *
 * @module
 */

import { describeOperation, describeValue } from "../explanation.ts";
import type { AnomalyCase } from "./anomaly.ts";
import { type Completion, keyName } from "./completion.ts";

/**
 * Returns the cases of `unrequested-poll`, in the order of the history. Polls of a process without
 * an `assign` are not examined: such a history does not show what they requested.
 */
export function unrequestedPolls(completions: readonly Completion[]): AnomalyCase[] {
  const assignments = new Map<number | string, ReadonlySet<string>>();
  const cases: AnomalyCase[] = [];
  for (const { operation, polled } of completions) {
    const { type, f, process, value } = operation;
    if (type !== "ok") continue;
    if (f === "assign" && Array.isArray(value)) {
      assignments.set(process, new Set(value.map(keyName)));
    }
    const assigned = assignments.get(process);
    if (f !== "poll" || assigned === undefined) continue;
    for (const { key, entries } of polled) {
      if (entries.length === 0 || assigned.has(key)) continue;
      cases.push({
        key,
        op: operation,
        message: `${describeOperation(operation)} got messages of key ${describeValue(key)}, but ` +
          `the client had requested ${describeValue([...assigned])} only`,
      });
    }
  }
  return cases;
}
