/**
 * Sets of integers kept as ranges: what all subsets of a thousand small numbers can add up to fills
 * a few ranges, not 2¹⁰⁰⁰ sums.
 *
 * @module
 */

/** The integers from `lower` to `upper`, both included. */
export type Interval = readonly [lower: number, upper: number];

/** The sums of `base` and any subset of `deltas`, as ascending ranges that do not touch. */
export function subsetSums(base: number, deltas: Iterable<number>): Interval[] {
  let sums: Interval[] = [[base, base]];
  for (const delta of deltas) {
    if (delta === 0) continue;
    sums = union(sums, sums.map(([lower, upper]) => [lower + delta, upper + delta]));
  }
  return sums;
}

/** Whether one of the ascending ranges holds a number. */
export function contains(intervals: readonly Interval[], value: number): boolean {
  return intervals.some(([lower, upper]) => lower <= value && value <= upper);
}

/** The integers in either of two lists of ascending ranges. */
function union(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const merged: [number, number][] = [];
  for (const [lower, upper] of [...a, ...b].sort(([x], [y]) => x - y)) {
    const last = merged[merged.length - 1];
    if (last !== undefined && lower <= last[1] + 1) last[1] = Math.max(last[1], upper);
    else merged.push([lower, upper]);
  }
  return merged;
}
