import { assert, assertEquals, assertNotEquals, assertThrows } from "std/testing";
import { Random } from "../../lib/base/mod.ts";

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

/** A generator that always returns the largest `number` below 1. */
class MaxRandom extends Random {
  override next(): number {
    return 1 - 2 ** -53;
  }
}

/** Returns Pearson's chi-square statistic for counts with equal expectations. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

// The upper 0.1 % points of the chi-square distribution.
const CRITICAL_9 = 27.88;
const CRITICAL_99 = 148.23;

// Golden values, verified against an independent implementation of sfc32 in another language.
Deno.test("a seed gives the golden sequence", () => {
  assertEquals(
    draws(new Random(42), 5),
    [1951423913, 2560351384, 1644053043, 3541558748, 988297860],
  );
  assertEquals(
    draws(new Random(""), 5),
    [3395976299, 2583529939, 2430355506, 2534209656, 933723681],
  );
  assertEquals(
    draws(new Random("maelstrom/seq-kv"), 5),
    [457521315, 4250444791, 2104962588, 3278330847, 2507880138],
  );
});

Deno.test("next and integer derive from uint32 in a fixed way", () => {
  const random = new Random(42);
  const fractions = [random.next(), random.next(), random.next()];
  assertEquals(fractions, [0.4543512880513687, 0.3827859299226358, 0.2301060290602297]);
  const again = new Random(42);
  assertEquals(fractions.map((fraction) => Math.floor(100 * fraction)), [
    again.integer(100),
    again.integer(100),
    again.integer(100),
  ]);
});

Deno.test("a number and its decimal string are the same seed; other seeds differ", () => {
  assertEquals(draws(new Random(7), 20), draws(new Random("7"), 20));
  assertNotEquals(draws(new Random(7), 20), draws(new Random(8), 20));
  assertNotEquals(draws(new Random("ab"), 20), draws(new Random("ba"), 20));
});

Deno.test("a fork depends on seed and purpose only, not on earlier draws", () => {
  const fresh = new Random("seed");
  const used = new Random("seed");
  draws(used, 1000);
  assertEquals(draws(fresh.fork("network"), 20), draws(used.fork("network"), 20));
});

Deno.test("drawing from a fork does not change the sequence of its parent or of another fork", () => {
  const parent = new Random("seed");
  draws(parent.fork("network"), 1000);
  const nemesis = parent.fork("nemesis");
  assertEquals(draws(parent, 20), draws(new Random("seed"), 20));
  assertEquals(draws(nemesis, 20), draws(new Random("seed").fork("nemesis"), 20));
});

Deno.test("forks of one seed and their parent have no common words", () => {
  const parent = new Random("seed");
  const sources = [parent.fork("a"), parent.fork("b"), parent.fork("a").fork("b"), parent];
  const words = sources.flatMap((source) => draws(source, 1000));
  // Among 4,000 of 2³² words, a collision by chance has a probability of 0.2 %.
  assertEquals(new Set(words).size, words.length);
});

Deno.test("uint32 returns integers from 0 to 2³²−1, and next returns fractions in [0, 1)", () => {
  const random = new Random("ranges");
  for (let draw = 0; draw < 10_000; draw++) {
    const word = random.uint32();
    assert(Number.isInteger(word) && word >= 0 && word < 2 ** 32, `word ${word}`);
    const fraction = random.next();
    assert(fraction >= 0 && fraction < 1, `fraction ${fraction}`);
  }
});

Deno.test("integer returns every value below its bound and never the bound", () => {
  const random = new Random("bounds");
  for (const bound of [1, 2, 3, 10]) {
    const seen = new Set(Array.from({ length: 1000 }, () => random.integer(bound)));
    assertEquals([...seen].sort((a, b) => a - b), Array.from({ length: bound }, (_, i) => i));
  }
  const highest = new MaxRandom("any");
  for (const bound of [1, 3, 5, 2 ** 31 + 1, 2 ** 32, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]) {
    assertEquals(highest.integer(bound), bound - 1);
  }
});

Deno.test("integer rejects a bound that is not a positive integer", () => {
  for (const bound of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => new Random(1).integer(bound), RangeError, String(bound));
  }
  assertThrows(() => new Random(1).pick([]), RangeError);
});

Deno.test("integer is uniformly distributed", () => {
  const random = new Random("uniform");
  const counts: number[] = new Array(100).fill(0);
  for (let draw = 0; draw < 100_000; draw++) {
    const value = random.integer(100);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  const statistic = chiSquare(counts);
  assert(statistic < CRITICAL_99, `chi-square ${statistic}`);
});

Deno.test("consecutive seeds start with unrelated numbers", () => {
  const counts: number[] = new Array(10).fill(0);
  for (let seed = 0; seed < 20_000; seed++) {
    const value = new Random(seed).integer(10);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  const statistic = chiSquare(counts);
  assert(statistic < CRITICAL_9, `chi-square ${statistic}`);
});

Deno.test("chance, pick and exponential follow their distributions", () => {
  const random = new Random("distributions");
  const count = 50_000;
  let hits = 0;
  let sum = 0;
  const picked = { a: 0, b: 0 };
  for (let draw = 0; draw < count; draw++) {
    if (random.chance(0.3)) hits += 1;
    const delay = random.exponential(20);
    assert(delay >= 0 && Number.isFinite(delay), `delay ${delay}`);
    sum += delay;
    picked[random.pick(["a", "b"] as const)] += 1;
  }
  // The tolerances exceed four standard deviations.
  assert(Math.abs(hits / count - 0.3) < 0.01, `hits ${hits}`);
  assert(Math.abs(sum / count - 20) < 0.5, `mean ${sum / count}`);
  assert(Math.abs(picked.a / count - 0.5) < 0.01, `picked ${picked.a}`);
  assertEquals([random.chance(0), random.chance(1)], [false, true]);
  assertEquals(new MaxRandom("any").exponential(1), -Math.log(2 ** -53));
});

Deno.test("shuffle leaves its argument unchanged and gives all orders with equal probability", () => {
  const random = new Random("shuffle");
  const items = Object.freeze(["a", "b", "c"]);
  const orders = new Map<string, number>();
  for (let draw = 0; draw < 6000; draw++) {
    const order = random.shuffle(items).join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assertEquals([...orders.keys()].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
  assert(chiSquare([...orders.values()]) < CRITICAL_9);
});
