/**
 * Sets of integers stored as ranges. The subset sums of a thousand small numbers form a few ranges,
 * although there are 2¹⁰⁰⁰ subsets.
 *
 * @module
 */

/** The integers from `lower` to `upper`, both included. */
export type Interval = readonly [lower: number, upper: number];

/** Returns the sums of `base` and each subset of `deltas`, as ascending, non-adjacent ranges. */
export function subsetSums(base: number, deltas: Iterable<number>): Interval[] {
  let sums: Interval[] = [[base, base]];
  for (const delta of deltas) sums = withDelta(sums, delta);
  return sums;
}

/** With more ranges than this, all integers between the lowest and the highest count as sums. */
const MAX_RANGES = 4096;

/** Returns these sums, and each of them plus `delta`, as ascending, non-adjacent ranges. */
export function withDelta(sums: Interval[], delta: number): Interval[] {
  if (delta === 0) return sums;
  const all = union(sums, sums.map(([lower, upper]) => [lower + delta, upper + delta]));
  return all.length <= MAX_RANGES ? all : [boundsOf(all)];
}

/** Returns the lowest and the highest integer of ascending ranges; zero without any. */
export function boundsOf(intervals: readonly Interval[]): Interval {
  return [intervals[0]?.[0] ?? 0, intervals.at(-1)?.[1] ?? 0];
}

/** Whether one of the ranges contains a number. */
export function contains(intervals: readonly Interval[], value: number): boolean {
  return intervals.some(([lower, upper]) => lower <= value && value <= upper);
}

/** Returns the union of two lists of ranges, as ascending, non-adjacent ranges. */
function union(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const merged: [number, number][] = [];
  for (const [lower, upper] of [...a, ...b].sort(([x], [y]) => x - y)) {
    const last = merged[merged.length - 1];
    if (last !== undefined && lower <= last[1] + 1) last[1] = Math.max(last[1], upper);
    else merged.push([lower, upper]);
  }
  return merged;
}
