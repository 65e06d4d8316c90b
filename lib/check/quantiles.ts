/**
 * Quantiles as Jepsen computes them, so that both programs' figures are comparable.
 *
 * @module
 */

/** The quantiles in results: minimum, median, 95th and 99th percentile, maximum. */
export const QUANTILE_POINTS: readonly number[] = [0, 0.5, 0.95, 0.99, 1];

/**
 * Returns the quantile at each point (0..1): of n sorted values, the one at index
 * min(n − 1, ⌊n·point⌋). Returns undefined if there are no values.
 */
export function quantiles(
  values: readonly number[],
  points: readonly number[] = QUANTILE_POINTS,
): Map<number, number> | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const last = sorted.length - 1;
  return new Map(
    points.map((point) => [
      point,
      sorted[Math.min(last, Math.floor(sorted.length * point))] as number,
    ]),
  );
}
