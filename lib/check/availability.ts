/**
 * Judges how many requests succeeded.
 *
 * @module
 */

import type { History } from "../history/mod.ts";
import { float32 } from "./float32.ts";
import type { Verdict } from "./verdict.ts";

/** What to ask for: all requests (`total`), at least a fraction of them (0..1), or nothing. */
export type AvailabilityGoal = "total" | number | undefined;

/**
 * Reports `ok-fraction`, the ok operations ÷ the invocations (1 when there are none), and holds it
 * against the goal. As in Maelstrom, the fraction is a 32-bit float: 9 of 10 is a hair less than 0.9.
 */
export function checkAvailability(history: History, goal?: AvailabilityGoal): Verdict {
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
        message: `${ok} of ${invoked} operations succeeded; ` +
          `${goal === "total" ? "all" : `a fraction of ${goal}`} had to.`,
      }],
    }),
  };
}
