/**
 * An assertion about what was drawn at random.
 *
 * @module
 */

import { assert } from "std/testing";

/** Asserts that a count is what was expected, give or take the tolerance. */
export function assertNear(actual: number, expected: number, tolerance: number, what = ""): void {
  assert(
    Math.abs(actual - expected) <= tolerance,
    `${what} should be ${expected} ± ${tolerance}, but is ${actual}`,
  );
}
