/**
 * An order on all JSON values, so that results come out the same whatever clients sent.
 *
 * Clojure orders numbers, strings, booleans, vectors, and nil before anything, but throws for values
 * of different kinds and for maps; where Maelstrom's checkers sort, they then give up.
 *
 * @module
 */

import { canonicalJson } from "../base/mod.ts";

/**
 * Orders two JSON values (negative: `a` first): null, booleans, numbers, strings by code unit,
 * arrays by length and then item by item, objects by their canonical text.
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
  if (typeof a === "object") return compareAtoms(canonicalJson(a), canonicalJson(b));
  return compareAtoms(a as string, b as string);
}

/** Whether Clojure can find the least and the greatest of these values without throwing. */
export function clojureCanOrder(values: Iterable<unknown>): boolean {
  let least: unknown;
  let greatest: unknown;
  let first = true;
  for (const value of values) {
    if (first) {
      least = greatest = value;
      first = false;
      continue;
    }
    if (!comparable(value, least) || !comparable(value, greatest)) return false;
    if (compareJson(value, least) < 0) least = value;
    if (compareJson(value, greatest) > 0) greatest = value;
  }
  return true;
}

function comparable(a: unknown, b: unknown): boolean {
  if (a === null || b === null || a === b) return true;
  if (rank(a) !== rank(b)) return false;
  if (!Array.isArray(a) || !Array.isArray(b)) return typeof a !== "object";
  if (a.length !== b.length) return true;
  for (let index = 0; index < a.length; index++) {
    if (!comparable(a[index], b[index])) return false;
    if (compareJson(a[index], b[index]) !== 0) break;
  }
  return true;
}

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
      return value === null || value === undefined ? 0 : Array.isArray(value) ? 4 : 5;
  }
}

function compareAtoms(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
