/**
 * A brute-force oracle for serializability that tries all serial orders of the transactions.
 *
 * @module
 */

import type { History, Operation } from "../../../lib/history/mod.ts";
import { pairOperations } from "../../../lib/history/mod.ts";

interface Transaction {
  readonly micros: readonly (readonly [f: string, key: unknown, value: unknown])[];
  /** Whether it committed; an indeterminate transaction may be left out of the order. */
  readonly isCommitted: boolean;
  /** The indices of its invocation and, if it committed, its completion; else `Infinity`. */
  readonly invokedAt: number;
  readonly completedAt: number;
}

type State = ReadonlyMap<unknown, unknown>;

/**
 * Returns whether a serial order of the committed transactions and of any indeterminate ones
 * explains all reads. If `realTime`, the order must respect the real-time order.
 */
export function isSerializable(history: History, realTime: boolean): boolean {
  const transactions = pairOperations(history)
    .filter(({ completion }) => completion?.type !== "fail")
    .map(({ invocation, completion }): Transaction => ({
      micros: (completion?.type === "ok" ? completion : invocation).value as Transaction["micros"],
      isCommitted: completion?.type === "ok",
      invokedAt: invocation.index,
      completedAt: completion?.type === "ok" ? (completion as Operation).index : Infinity,
    }));
  return hasSerialOrder(transactions, new Map(), realTime);
}

function hasSerialOrder(
  remaining: readonly Transaction[],
  state: State,
  realTime: boolean,
): boolean {
  if (remaining.every(({ isCommitted }) => !isCommitted)) return true;
  return remaining.some((next) => {
    if (realTime && remaining.some(({ completedAt }) => completedAt < next.invokedAt)) return false;
    const after = execute(next, state);
    return after !== undefined &&
      hasSerialOrder(remaining.filter((other) => other !== next), after, realTime);
  });
}

/**
 * Returns the state after a transaction, or undefined if a committed read contradicts the state.
 */
function execute({ micros, isCommitted }: Transaction, state: State): State | undefined {
  const after = new Map(state);
  for (const [f, key, value] of micros) {
    const current = after.get(key) ?? null;
    if (f === "w") after.set(key, value);
    else if (f === "append") after.set(key, [...(current ?? []) as unknown[], value]);
    else if (isCommitted && JSON.stringify(current) !== JSON.stringify(value)) return undefined;
  }
  return after;
}
