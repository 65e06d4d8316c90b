/**
 * The pn-counter workload: a counter that grows and shrinks, by −5 to 4 an addition. Half of the
 * operations are reads.
 *
 * @module
 */

import type { CounterVerdict } from "../check/mod.ts";
import { counterWorkload } from "./counter.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `pn-counter`. */
export const pnCounter: Workload<CounterVerdict> = counterWorkload({
  name: "pn-counter",
  summary: "a counter that grows and shrinks; every node eventually returns the sum",
  readFraction: 1 / 2,
  grows: false,
  delta: (random) => random.integer(10) - 5,
});
