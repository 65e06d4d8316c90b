/**
 * Shortens a violation to the transactions that it needs, as delta debugging does (Zeller &
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002).
 *
 * @module
 */

/**
 * Returns a part of a violation from which no transaction can be left out. It returns a longer part
 * if the parts that it examined have more than `maxExamined` transactions together.
 */
export function minimise(
  violation: readonly number[],
  isViolatedBy: (part: readonly number[]) => boolean,
  maxExamined: number,
): readonly number[] {
  let kept = violation;
  let examined = 0;
  let size = Math.ceil(kept.length / 2);
  while (true) {
    const before = kept.length;
    let at = 0;
    while (at < kept.length) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      examined += rest.length;
      if (examined > maxExamined) return kept;
      if (isViolatedBy(rest)) kept = rest;
      else at += size;
    }
    if (size === 1 && kept.length === before) return kept;
    size = Math.max(1, Math.floor(size / 2));
  }
}
