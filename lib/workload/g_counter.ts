/**
 * The g-counter workload: a counter that only goes up, by 0 to 4 at a time.
 *
 * Maelstrom takes the pn-counter's operations and leaves out those that go down, half of all
 * additions; so two operations in three are reads.
 *
 * @module
 */

import { counterWorkload } from "./counter.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `g-counter`. */
export const gCounter: Workload = counterWorkload({
  name: "g-counter",
  summary: "a counter that only goes up, of which every node shows the sum",
  readFraction: 2 / 3,
  delta: (random) => random.integer(5),
});
