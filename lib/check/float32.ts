/**
 * Fractions as 32-bit floats: Maelstrom reports and compares them in this precision.
 *
 * @module
 */

/**
 * Returns the nearest 32-bit float, rounded to the fewest decimal digits that identify it
 * (0.5121951 instead of 0.51219512…).
 */
export function float32(value: number): number {
  const nearest = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(nearest.toPrecision(digits));
    if (Math.fround(short) === nearest) return short;
  }
  return Number(nearest.toPrecision(9));
}
