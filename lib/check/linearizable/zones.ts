/**
 * Decides in almost linear time whether a register is linearizable if no two writes have the same
 * value (Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 1997, section 4).
 *
 * It is then known which write each read returns. A write and its reads form a *cluster*, which is
 * linearized as a whole. Its *zone* lies between the earliest response and the latest invocation in
 * the cluster. If the response comes first, the zone is *forward*: the register holds the value
 * during all of it. A *backward* zone is one in which the cluster may take any single instant. The
 * history is linearizable exactly if no read responds before its write is invoked, no two forward
 * zones overlap, and no forward zone contains a backward one.
 *
 * Times are numbers of responses: an operation that was invoked after r responses begins at r − 1/2.
 *
 * @module
 */

import type { OkOperation, Problem, Response } from "./problem.ts";

interface Zone {
  /** The earliest response and the latest invocation. */
  response: number;
  invocation: number;
  /** When the cluster's write was invoked; infinite before it is found. */
  written: number;
}

/**
 * Returns the first response that no linearization passes; infinite if the problem is linearizable,
 * and undefined if it is not one of reads and of writes with different values.
 */
export function firstImpassableResponse(problem: Problem): number | undefined {
  if (!hasUniqueWrites(problem)) return undefined;
  const begins = beginsOf(problem);
  const { length } = problem.responses;
  if (isLinearizable(problem, begins, length)) return Infinity;
  let [low, high] = [0, length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isLinearizable(problem, begins, middle + 1)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function hasUniqueWrites({ operations, crashed, states }: Problem): boolean {
  const written = new Set([states.initial]);
  const isFirstWrite = (kind: number) => {
    const state = states.after[kind];
    return state !== undefined && written.size < written.add(state).size;
  };
  return operations.every(({ readOnly, overwrites, kind }) =>
    readOnly ? states.before[kind] !== undefined : overwrites && isFirstWrite(kind)
  ) && crashed.every(({ overwrites, invocations, kind }) =>
    overwrites && invocations.length === 1 && isFirstWrite(kind)
  );
}

/** Returns when each ok operation was invoked. */
function beginsOf({ operations, responses }: Problem): Float64Array {
  const begins = new Float64Array(operations.length);
  let before = 0;
  for (let number = 0; number < operations.length; number++) {
    while ((responses[before] as Response).invokedBefore <= number) before++;
    begins[number] = before - 0.5;
  }
  return begins;
}

/** Whether the history before a number of responses is linearizable. */
function isLinearizable(problem: Problem, begins: Float64Array, responses: number): boolean {
  const clusters = clustersOf(problem, begins, responses);
  const forward: Zone[] = [];
  const backward: Zone[] = [];
  for (const zone of clusters.values()) {
    if (zone.response < zone.written) return false;
    (zone.response < zone.invocation ? forward : backward).push(zone);
  }
  forward.sort((a, b) => a.response - b.response);
  for (let index = 1; index < forward.length; index++) {
    if ((forward[index - 1] as Zone).invocation > (forward[index] as Zone).response) return false;
  }
  return backward.every(({ response, invocation }) => {
    const before = lastBefore(forward, invocation);
    return before === undefined || before.invocation < response;
  });
}

function clustersOf(
  { operations, crashed, states }: Problem,
  begins: Float64Array,
  responses: number,
): Map<string, Zone> {
  const clusters = new Map<string, Zone>();
  const add = (state: string, begin: number, response: number, isRead: boolean) => {
    let zone = clusters.get(state);
    if (zone === undefined) {
      zone = { response: Infinity, invocation: -Infinity, written: Infinity };
      clusters.set(state, zone);
    }
    zone.response = Math.min(zone.response, response);
    zone.invocation = Math.max(zone.invocation, begin);
    if (!isRead) zone.written = begin;
  };
  add(states.initial, -Infinity, -Infinity, false);
  for (let number = 0; number < operations.length; number++) {
    const { kind, readOnly, response } = operations[number] as OkOperation;
    const begin = begins[number] as number;
    const isPending = response >= responses;
    if (readOnly && isPending) continue;
    const state = readOnly ? states.before[kind] : states.after[kind];
    add(state as string, begin, isPending ? Infinity : response, readOnly);
  }
  for (const { kind, responsesBefore } of crashed) {
    add(states.after[kind] as string, responsesBefore[0] as number - 0.5, Infinity, false);
  }
  return clusters;
}

/** Returns the last zone whose response precedes a time; the zones are ordered and disjoint. */
function lastBefore(zones: readonly Zone[], time: number): Zone | undefined {
  let [low, high] = [0, zones.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((zones[middle] as Zone).response < time) low = middle + 1;
    else high = middle;
  }
  return zones[low - 1];
}
