import { assertEquals, assertThrows } from "std/testing";
import { Random, RoundTripEstimator } from "../../lib/base/mod.ts";

Deno.test("RoundTripEstimator takes quantiles of its last samples, equal ones included", () => {
  const random = new Random("round trips");
  const estimator = new RoundTripEstimator({ window: 5 });
  const samples: number[] = [];
  for (let count = 0; count < 500; count++) {
    const sample = random.integer(6);
    samples.push(sample);
    estimator.add(sample);
    const sorted = samples.slice(-5).sort((a, b) => a - b);
    for (const [index, expected] of sorted.entries()) {
      const fraction = sorted.length === 1 ? 0 : index / (sorted.length - 1);
      assertEquals(estimator.quantile(fraction), expected);
    }
    assertEquals(estimator.median, sorted[sorted.length >> 1]);
  }
});

Deno.test("RoundTripEstimator limits samples, and estimates before the first", () => {
  const estimator = new RoundTripEstimator({
    initialMs: 250,
    limitMs: (before) => 2 * (before.median ?? 0),
  });
  assertEquals([estimator.isMeasured, estimator.median, estimator.quantile(1)], [false, 250, 250]);
  estimator.add(-3);
  assertEquals([estimator.isMeasured, estimator.median], [true, 0]);
  estimator.add(100);
  assertEquals(estimator.quantile(1), 0);
  assertThrows(() => new RoundTripEstimator({ window: 0 }), RangeError, "got 0");
});
