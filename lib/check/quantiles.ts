/**
 * Quantiles the way Jepsen takes them, so that figures can be compared.
 *
 * @module
 */

/** The points at which results give quantiles. */
export const QUANTILE_POINTS: readonly number[] = [0, 0.5, 0.95, 0.99, 1];

/**
 * The values at the given points (0..1) of their distribution: of n sorted values, the one at
 * min(n − 1, ⌊n·point⌋). Undefined when there are no values.
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
