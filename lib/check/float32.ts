/**
 * Maelstrom reports fractions as 32-bit floats, and compares them as such.
 *
 * @module
 */

/** The nearest 32-bit float, written with the fewest digits that name it (0.5121951, not 0.51219512…). */
export function float32(value: number): number {
  const nearest = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(nearest.toPrecision(digits));
    if (Math.fround(short) === nearest) return short;
  }
  return Number(nearest.toPrecision(9));
}
