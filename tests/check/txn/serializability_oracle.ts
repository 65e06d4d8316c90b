/**
 * A second opinion on serializability, as naive as can be: try all serial orders.
 *
 * @module
 */

import type { History, Operation } from "../../../lib/history/mod.ts";
import { pairOperations } from "../../../lib/history/mod.ts";

interface Transaction {
  readonly micros: readonly (readonly [f: string, key: unknown, value: unknown])[];
  readonly mustHappen: boolean;
  readonly began: number;
  readonly ended: number;
}

type State = ReadonlyMap<unknown, unknown>;

/**
 * Whether the committed transactions, and any of those whose outcome is unknown, can be put into an
 * order in which each reads what the ones before it wrote. In `realTime`, one that ended before
 * another began has to come first.
 */
export function isSerializable(history: History, realTime: boolean): boolean {
  const transactions = pairOperations(history)
    .filter(({ completion }) => completion?.type !== "fail")
    .map(({ invocation, completion }): Transaction => ({
      micros: (completion?.type === "ok" ? completion : invocation).value as Transaction["micros"],
      mustHappen: completion?.type === "ok",
      began: invocation.index,
      ended: completion?.type === "ok" ? (completion as Operation).index : Infinity,
    }));
  return canFinish(transactions, new Map(), realTime);
}

function canFinish(left: readonly Transaction[], state: State, realTime: boolean): boolean {
  if (left.every(({ mustHappen }) => !mustHappen)) return true;
  return left.some((next) => {
    if (realTime && left.some(({ ended }) => ended < next.began)) return false;
    const after = perform(next, state);
    return after !== undefined &&
      canFinish(left.filter((other) => other !== next), after, realTime);
  });
}

/** The state after a transaction; undefined if it could not have read what it says it read. */
function perform({ micros, mustHappen }: Transaction, state: State): State | undefined {
  const after = new Map(state);
  for (const [f, key, value] of micros) {
    const current = after.get(key) ?? null;
    if (f === "w") after.set(key, value);
    else if (f === "append") after.set(key, [...(current ?? []) as unknown[], value]);
    else if (mustHappen && JSON.stringify(current) !== JSON.stringify(value)) return undefined;
  }
  return after;
}
