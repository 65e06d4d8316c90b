/**
 * Latency distributions of messages.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { TestOptions } from "../workload/mod.ts";

/**
 * Returns the random latency of one message in whole milliseconds, with Maelstrom's distributions:
 * constant; uniform in [0, 2 × mean); or exponential.
 */
export function sampleLatency(latency: TestOptions["latency"], random: Random): number {
  if (latency.meanMs <= 0) return 0;
  switch (latency.distribution) {
    case "constant":
      return latency.meanMs;
    case "uniform":
      return random.integer(Math.max(1, Math.floor(2 * latency.meanMs)));
    case "exponential":
      return Math.floor(random.exponential(latency.meanMs));
  }
}
