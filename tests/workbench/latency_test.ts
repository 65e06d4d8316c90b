import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { sampleLatency } from "../../lib/workbench/latency.ts";
import type { LatencyDistribution } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";

function samples(mean: number, distribution: LatencyDistribution, count = 20_000): number[] {
  const random = new Random("latency");
  return Array.from({ length: count }, () => sampleLatency({ meanMs: mean, distribution }, random));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

Deno.test("a mean of 0 gives 0 with every distribution", () => {
  for (const shape of ["constant", "uniform", "exponential"] as const) {
    assertEquals(new Set(samples(0, shape, 10)), new Set([0]));
  }
});

Deno.test("a constant latency is the same for every message", () => {
  assertEquals(new Set(samples(70, "constant", 100)), new Set([70]));
});

Deno.test("a uniform latency is an integer in [0, 2 × mean)", () => {
  const latencies = samples(50, "uniform");
  assert(latencies.every((delay) => Number.isInteger(delay) && delay >= 0 && delay < 100));
  assertNear(average(latencies), 49.5, 1, "mean");
  const lowest = latencies.filter((delay) => delay < 10).length / latencies.length;
  assertNear(lowest, 0.1, 0.01, "lowest tenth");
});

Deno.test("an exponential latency has the mean and the tail of its distribution", () => {
  const latencies = samples(50, "exponential");
  assert(latencies.every((delay) => Number.isInteger(delay) && delay >= 0));
  // Rounding down to whole milliseconds lowers the mean by half a millisecond.
  assertNear(average(latencies), 49.5, 1.5, "mean");
  const beyond = (limit: number) =>
    latencies.filter((delay) => delay >= limit).length / latencies.length;
  assertNear(beyond(50), Math.exp(-1), 0.015, "beyond the mean");
  assertNear(beyond(150), Math.exp(-3), 0.006, "beyond three times the mean");
});
