/**
 * Runs a test of something that takes time on a virtual clock.
 *
 * @module
 */

import { drive } from "../../lib/workbench/sim/drive.ts";
import type { CurrentNode } from "../../lib/workbench/sim/current_node.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";

/** Runs a function; time passes while it waits. Fails when it waits for what cannot happen. */
export function inVirtualTime<T>(
  test: (clock: VirtualClock) => Promise<T>,
  maxEventsPerInstant = 100_000,
): Promise<T> {
  const clock = new VirtualClock();
  const currentNode: CurrentNode = { node: undefined };
  return drive(() => test(clock), {
    clock,
    currentNode,
    maxEventsPerInstant,
    beforeBatch: () => {},
    afterBatch: () => {},
  });
}
