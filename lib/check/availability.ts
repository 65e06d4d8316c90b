/**
 * Checks the fraction of operations that succeeded.
 *
 * @module
 */

import type { History } from "../history/mod.ts";
import { float32 } from "./float32.ts";
import type { Verdict } from "./verdict.ts";

/** The required success: every operation (`total`), a minimum fraction (0..1), or none. */
export type AvailabilityGoal = "total" | number | undefined;

/** The verdict of {@link checkAvailability}. */
export interface AvailabilityVerdict extends Verdict {
  /** The fraction of the operations that succeeded, from 0 to 1. */
  readonly "ok-fraction": number;
}

/**
 * Reports `ok-fraction` (ok operations ÷ invocations; 1 without invocations) and compares it with
 * the goal. As in Maelstrom, the fraction is a 32-bit float, so 9 of 10 is slightly less than 0.9.
 */
export function checkAvailability(history: History, goal?: AvailabilityGoal): AvailabilityVerdict {
  let ok = 0;
  let invoked = 0;
  for (const { type } of history) {
    if (type === "ok") ok++;
    else if (type === "invoke") invoked++;
  }
  const fraction = invoked === 0 ? 1 : Math.fround(ok / invoked);
  const reached = goal === undefined || (goal === "total" ? fraction === 1 : goal <= fraction);
  return {
    "valid?": reached,
    "ok-fraction": float32(fraction),
    ...(reached ? {} : {
      explanations: [{
        type: "unavailable",
        message: `${ok} of ${invoked} operations succeeded; the goal is ` +
          `${goal === "total" ? "all" : `a fraction of at least ${goal}`}.`,
      }],
    }),
  };
}
