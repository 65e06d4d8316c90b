/**
 * Runs a test of something that takes time on a virtual clock.
 *
 * @module
 */

import { drive } from "../../lib/workbench/sim/drive.ts";
import type { Stage } from "../../lib/workbench/sim/stage.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";

/** Runs a function; time passes while it waits. Fails when it waits for what cannot happen. */
export function inVirtualTime<T>(
  test: (clock: VirtualClock) => Promise<T>,
  mostAtOnce = 100_000,
): Promise<T> {
  const clock = new VirtualClock();
  const stage: Stage = { actor: undefined };
  return drive(() => test(clock), {
    clock,
    stage,
    mostAtOnce,
    beforeBatch: () => {},
    afterBatch: () => {},
  });
}
