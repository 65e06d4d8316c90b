/**
 * The g-counter workload: a counter that only grows, by 0 to 4 an addition.
 *
 * Maelstrom filters the pn-counter's operations: it drops the additions of negative deltas, which
 * are half of all additions. So two thirds of the remaining operations are reads.
 *
 * @module
 */

import type { CounterVerdict } from "../check/mod.ts";
import { counterWorkload } from "./counter.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `g-counter`. */
export const gCounter: Workload<CounterVerdict> = counterWorkload({
  name: "g-counter",
  summary: "a counter that only grows; every node eventually returns the sum",
  readFraction: 2 / 3,
  grows: true,
  delta: (random) => random.integer(5),
});
