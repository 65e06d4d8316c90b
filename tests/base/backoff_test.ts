import { assert, assertEquals, assertThrows } from "std/testing";
import { Backoff, FailureDetector, Random, RoundTripEstimator } from "../../lib/base/mod.ts";

const delays = (backoff: Backoff, count: number) =>
  Array.from({ length: count }, () => backoff.next());

Deno.test("a back-off grows by its factor up to its maximum, and starts again after a reset", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 500, jitter: 0 }, () => 0);
  assertEquals(delays(backoff, 5), [100, 200, 400, 500, 500]);
  backoff.reset();
  assertEquals(delays(backoff, 2), [100, 200]);
  const cubic = new Backoff({ minMs: 2, factor: 3, jitter: 0 }, () => 0);
  assertEquals(delays(cubic, 4), [2, 6, 18, 20]);
});

Deno.test("jitter takes a random part off each delay, never more than its share", () => {
  const random = new Random(1);
  const backoff = new Backoff({ minMs: 64, maxMs: 64, jitter: 0.25 }, () => random.next());
  const drawn = delays(backoff, 200);
  assert(drawn.every((delay) => delay >= 48 && delay <= 64));
  assert(Math.min(...drawn) < 50 && Math.max(...drawn) > 62);
});

Deno.test("a back-off refuses options that would not grow or not end", () => {
  for (
    const options of [
      { minMs: 0 },
      { minMs: NaN },
      { minMs: 1, maxMs: 0 },
      { minMs: 1, factor: 0.5 },
      { minMs: 1, jitter: 1.5 },
    ]
  ) assertThrows(() => new Backoff(options, Math.random), RangeError, "a back-off needs");
});

Deno.test("an estimator takes quantiles of its last samples, and limits each", () => {
  const estimator = new RoundTripEstimator({
    window: 4,
    initialMs: 250,
    limitMs: (before) => 2 * (before.quantile(1) ?? 0),
  });
  assertEquals([estimator.isMeasured, estimator.median, estimator.quantile(0)], [false, 250, 250]);
  for (const sample of [-5, 10, 9, 30, 17]) estimator.add(sample);
  // -5 counts as 0, so 10 and 9 are limited to 0 while it is the longest; all but one are kept.
  assertEquals([0, 1].map((fraction) => estimator.quantile(fraction)), [0, 0]);
  const plain = new RoundTripEstimator({ window: 3 });
  assertEquals(plain.median, undefined);
  for (const sample of [9, 1, 5, 3]) plain.add(sample);
  assertEquals([plain.quantile(0), plain.median, plain.quantile(1)], [1, 3, 5]);
  assertThrows(() => new RoundTripEstimator({ window: 0 }), RangeError);
});

Deno.test("a peer is suspected when a request has waited too long, until it sends something", () => {
  const detector = new FailureDetector({ timeoutMs: 100 });
  assertEquals(detector.isSuspected("n1", 1e6), false);
  detector.sent("n1", 10);
  detector.sent("n1", 90);
  assertEquals([detector.isSuspected("n1", 109), detector.isSuspected("n1", 110)], [false, true]);
  assertEquals(detector.silenceMs("n1", 110), Infinity);
  detector.received("n1", 120);
  assertEquals(detector.isSuspected("n1", 1e6), false);
  assertEquals(detector.silenceMs("n1", 150), 30);
});

Deno.test("a peer that timed out is left alone for longer each time, until it sends something", () => {
  const detector = new FailureDetector({ timeoutMs: 50, minRetryMs: 100, maxRetryMs: 300 });
  const freeAt = (now: number) => {
    detector.timedOut("n1", now);
    let at = now;
    while (!detector.mayTry("n1", at)) at++;
    return at - now;
  };
  assertEquals([freeAt(0), freeAt(1000), freeAt(2000), freeAt(3000)], [100, 200, 300, 300]);
  detector.received("n1", 4000);
  assertEquals([detector.mayTry("n1", 4000), freeAt(4000)], [true, 100]);
  assertThrows(() => new FailureDetector({ timeoutMs: 0 }), RangeError, "timeoutMs > 0");
});
