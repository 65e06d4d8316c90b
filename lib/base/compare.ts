/**
 * The order of strings by code units and of numbers by value.
 *
 * @module
 */

/** Compares two strings or two numbers for an ascending sort. */
export function compareAscending<T extends string | number | bigint>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
