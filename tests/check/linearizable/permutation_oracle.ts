/**
 * Linearizability of one register by its definition: enumerates the permutations of the ok
 * operations with each subset of the indeterminate ones. For histories of a few operations.
 *
 * @module
 */

import { type History, type OperationPair, pairOperations } from "../../../lib/history/mod.ts";

/** Whether some order of the operations is a linearization. */
export function isLinearizableNaively(history: History): boolean {
  const pairs = pairOperations(history).filter(({ completion }) => completion?.type !== "fail");
  const ok = pairs.filter(({ completion }) => completion?.type === "ok");
  const indeterminate = pairs.filter(({ completion }) => completion?.type !== "ok");
  return subsets(indeterminate).some((effective) =>
    permutations([...ok, ...effective]).some((order) =>
      respectsRealTime(order) && isSequential(order)
    )
  );
}

/** Whether no operation precedes one that completed before its invocation. */
function respectsRealTime(order: readonly OperationPair[]): boolean {
  return order.every((later, index) =>
    order.slice(0, index).every(({ invocation }) => invocation.index < endOf(later))
  );
}

function endOf({ completion }: OperationPair): number {
  return completion?.type === "ok" ? completion.index : Infinity;
}

function isSequential(order: readonly OperationPair[]): boolean {
  let state: unknown = null;
  for (const { invocation, completion } of order) {
    const value = completion?.type === "ok" ? completion.value : invocation.value;
    if (invocation.f === "write") state = value;
    else if (invocation.f === "read") {
      if (value !== null && value !== state) return false;
    } else {
      const [from, to] = value as [unknown, unknown];
      if (state !== from) return false;
      state = to;
    }
  }
  return true;
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((some) => [...some, item])], [[]]);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((
      rest,
    ) => [item, ...rest])
  );
}
