/**
 * A total order on JSON values, so that results are sorted the same way for any values.
 *
 * Clojure's `compare` orders numbers, strings, booleans and vectors, and puts nil first. It throws
 * for maps and for two values of different kinds. Maelstrom's checkers sort with it, so they fail
 * there.
 *
 * @module
 */

import { canonicalJson, compareAscending, Double } from "../base/mod.ts";

/**
 * Compares two JSON values: null, booleans, numbers, strings by code unit, arrays by length and
 * then item by item, objects by their canonical text. Returns a negative number if `a` comes first.
 */
export function compareJson(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const rankA = rank(a);
  const rankB = rank(b);
  if (rankA !== rankB) return rankA - rankB;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return a.length - b.length;
    for (let index = 0; index < a.length; index++) {
      const order = compareJson(a[index], b[index]);
      if (order !== 0) return order;
    }
    return 0;
  }
  if (rankA === OBJECT_RANK) return compareAscending(canonicalJson(a), canonicalJson(b));
  return compareAscending(a as string, b as string);
}

/** Whether Clojure can find the minimum and the maximum of these values without throwing. */
export function clojureCanOrder(values: Iterable<unknown>): boolean {
  let min: unknown;
  let max: unknown;
  let first = true;
  for (const value of values) {
    if (first) {
      min = max = value;
      first = false;
      continue;
    }
    if (!comparable(value, min) || !comparable(value, max)) return false;
    if (compareJson(value, min) < 0) min = value;
    if (compareJson(value, max) > 0) max = value;
  }
  return true;
}

function comparable(a: unknown, b: unknown): boolean {
  if (a === null || b === null || a === b) return true;
  if (rank(a) !== rank(b)) return false;
  if (!Array.isArray(a) || !Array.isArray(b)) return rank(a) !== OBJECT_RANK;
  if (a.length !== b.length) return true;
  for (let index = 0; index < a.length; index++) {
    if (!comparable(a[index], b[index])) return false;
    if (compareJson(a[index], b[index]) !== 0) break;
  }
  return true;
}

const OBJECT_RANK = 5;

function rank(value: unknown): number {
  switch (typeof value) {
    case "boolean":
      return 1;
    case "number":
    case "bigint":
      return 2;
    case "string":
      return 3;
    default:
      if (value instanceof Double) return 2;
      return value === null || value === undefined ? 0 : Array.isArray(value) ? 4 : OBJECT_RANK;
  }
}
