/**
 * Linearizability of one register by its definition: every order of every choice of operations that
 * may have happened is tried. For histories of a few operations.
 *
 * @module
 */

import { type History, type OperationPair, pairOperations } from "../../../lib/history/mod.ts";

/** Whether some order of the operations explains everything that was answered. */
export function isLinearizableNaively(history: History): boolean {
  const pairs = pairOperations(history).filter(({ completion }) => completion?.type !== "fail");
  const answered = pairs.filter(({ completion }) => completion?.type === "ok");
  const unknown = pairs.filter(({ completion }) => completion?.type !== "ok");
  return subsets(unknown).some((happened) =>
    permutations([...answered, ...happened]).some((order) =>
      respectsTime(order) && isSequential(order)
    )
  );
}

/** No operation stands before one that was answered before it was invoked. */
function respectsTime(order: readonly OperationPair[]): boolean {
  return order.every((later, place) =>
    order.slice(0, place).every(({ invocation }) => invocation.index < endOf(later))
  );
}

function endOf({ completion }: OperationPair): number {
  return completion?.type === "ok" ? completion.index : Infinity;
}

function isSequential(order: readonly OperationPair[]): boolean {
  let held: unknown = null;
  for (const { invocation, completion } of order) {
    const value = completion?.type === "ok" ? completion.value : invocation.value;
    if (invocation.f === "write") held = value;
    else if (invocation.f === "read") {
      if (value !== null && value !== held) return false;
    } else {
      const [from, to] = value as [unknown, unknown];
      if (held !== from) return false;
      held = to;
    }
  }
  return true;
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((some) => [...some, item])], [[]]);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, place) =>
    permutations([...items.slice(0, place), ...items.slice(place + 1)]).map((
      rest,
    ) => [item, ...rest])
  );
}
