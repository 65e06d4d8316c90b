/**
 * Runs tests in virtual time.
 *
 * @module
 */

import { drive } from "../../lib/workbench/sim/drive.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";

/**
 * Runs a function on a virtual clock, which jumps from event to event while the function waits.
 * Rejects if no event is left and the function still waits.
 */
export function inVirtualTime<T>(
  test: (clock: VirtualClock) => Promise<T>,
  maxEventsPerInstant = 100_000,
): Promise<T> {
  const clock = new VirtualClock();
  return drive(() => test(clock), {
    clock,
    maxEventsPerInstant,
  });
}
