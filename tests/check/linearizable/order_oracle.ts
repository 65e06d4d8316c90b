/**
 * Linearizability of one register by its definition: enumerates all orders of the ok operations with
 * each subset of the indeterminate ones that respect real time and that a register accepts. Nothing
 * is remembered or left out, so it is only for histories of a few operations.
 *
 * @module
 */

import { type History, type OperationPair, pairOperations } from "../../../lib/history/mod.ts";

/** How a read of nil is judged: `anywhere` as Knossos does, or as any other value. */
export type NilReads = "anywhere" | "initially";

/** Whether some order of the operations is a linearization. */
export function isLinearizableNaively(history: History, nilReads: NilReads = "anywhere"): boolean {
  const pairs = pairOperations(history).filter(({ completion }) => completion?.type !== "fail");
  return canFinish(pairs, null, nilReads);
}

/** Whether the remaining operations can be put in order, from a state on. */
function canFinish(
  rest: readonly OperationPair[],
  state: unknown,
  nilReads: NilReads,
): boolean {
  if (rest.every((pair) => endOf(pair) === Infinity)) return true;
  const firstEnd = Math.min(...rest.map(endOf));
  return rest.some((pair) => {
    if (pair.invocation.index > firstEnd) return false;
    const after = step(pair, state, nilReads);
    return after !== undefined &&
      canFinish(rest.filter((other) => other !== pair), after.state, nilReads);
  });
}

function endOf({ completion }: OperationPair): number {
  return completion?.type === "ok" ? completion.index : Infinity;
}

function step(
  { invocation, completion }: OperationPair,
  state: unknown,
  nilReads: NilReads,
): { readonly state: unknown } | undefined {
  const value = completion?.type === "ok" ? completion.value : invocation.value;
  if (invocation.f === "write") return { state: value };
  if (invocation.f === "read" || completion?.f === "read") {
    const isAccepted = completion?.type !== "ok" || value === state ||
      (value === null && nilReads === "anywhere");
    return isAccepted ? { state } : undefined;
  }
  const [from, to] = value as [unknown, unknown];
  if (invocation.f === "failed-cas" || completion?.f === "failed-cas") {
    return state === from ? undefined : { state };
  }
  return state === from ? { state: to } : undefined;
}
