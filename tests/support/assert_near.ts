/**
 * An assertion about random samples.
 *
 * @module
 */

import { assert } from "std/testing";

/** Asserts that a number differs from the expected one by at most the tolerance. */
export function assertNear(actual: number, expected: number, tolerance: number, what = ""): void {
  assert(
    Math.abs(actual - expected) <= tolerance,
    `${what} expected ${expected} ± ${tolerance}, got ${actual}`,
  );
}
