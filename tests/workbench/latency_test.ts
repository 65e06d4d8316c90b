import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { sampleLatency } from "../../lib/workbench/latency.ts";
import type { LatencyDistribution } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";

function draws(mean: number, distribution: LatencyDistribution, count = 20_000): number[] {
  const random = new Random("latency");
  return Array.from({ length: count }, () => sampleLatency({ mean, distribution }, random));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

Deno.test("no latency is none, whatever the distribution", () => {
  for (const shape of ["constant", "uniform", "exponential"] as const) {
    assertEquals(new Set(draws(0, shape, 10)), new Set([0]));
  }
});

Deno.test("a constant latency is the same for every message", () => {
  assertEquals(new Set(draws(70, "constant", 100)), new Set([70]));
});

Deno.test("a uniform latency is a whole number from 0 to below twice the mean, all equally likely", () => {
  const drawn = draws(50, "uniform");
  assert(drawn.every((delay) => Number.isInteger(delay) && delay >= 0 && delay < 100));
  assertNear(average(drawn), 49.5, 1, "mean");
  const lowest = drawn.filter((delay) => delay < 10).length / drawn.length;
  assertNear(lowest, 0.1, 0.01, "lowest tenth");
});

Deno.test("an exponential latency has the mean, and the tail, of its distribution", () => {
  const drawn = draws(50, "exponential");
  assert(drawn.every((delay) => Number.isInteger(delay) && delay >= 0));
  // Whole milliseconds, cut off: half a millisecond below the distribution's own mean.
  assertNear(average(drawn), 49.5, 1.5, "mean");
  const beyond = (limit: number) => drawn.filter((delay) => delay >= limit).length / drawn.length;
  assertNear(beyond(50), Math.exp(-1), 0.015, "beyond the mean");
  assertNear(beyond(150), Math.exp(-3), 0.006, "beyond three times the mean");
});
