/**
 * The pn-counter workload: a counter that goes up and down, by −5 to 4 at a time. Half of the
 * operations are reads.
 *
 * @module
 */

import { counterWorkload } from "./counter.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `pn-counter`. */
export const pnCounter: Workload = counterWorkload({
  name: "pn-counter",
  summary: "a counter that goes up and down, of which every node shows the sum",
  readFraction: 1 / 2,
  delta: (random) => random.integer(10) - 5,
});
