import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { Transactions } from "../../lib/workload/transactions.ts";
import { assertNear } from "../support/assert_near.ts";

interface Settings {
  readonly keyCount?: number;
  readonly maxWritesPerKey?: number;
  readonly maxLength?: number;
}

function draw(count: number, { keyCount, maxWritesPerKey = 16, maxLength = 4 }: Settings = {}) {
  const options = { maxWritesPerKey, ...(keyCount === undefined ? {} : { keyCount }) };
  const transactions = new Transactions(options, maxLength, new Random("transactions"));
  return Array.from({ length: count }, () => transactions.next());
}

/** How many of the items have each property. */
function countBy<T, K>(items: readonly T[], property: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(property(item), (counts.get(property(item)) ?? 0) + 1);
  return counts;
}

Deno.test("transactions are 1 to max-txn-length long, each length as often", () => {
  const lengths = countBy(draw(8000), (transaction) => transaction.length);
  assertEquals([...lengths.keys()].sort(), [1, 2, 3, 4]);
  for (const [length, count] of lengths) assertNear(count, 2000, 150, `length ${length}`);
  assert(draw(100, { maxLength: 1 }).every((transaction) => transaction.length === 1));
});

Deno.test("half of the micro-operations write while no key is worn out", () => {
  const accesses = draw(4000, { maxWritesPerKey: 1e9 }).flat();
  const kinds = countBy(accesses, ({ kind }) => kind);
  assertNear(kinds.get("write") ?? 0, accesses.length / 2, 200, "writes");
});

Deno.test("each key of the window is twice as likely as the one before it", () => {
  const accesses = draw(20_000, { keyCount: 5, maxWritesPerKey: 1e9 }).flat();
  const keys = countBy(accesses, ({ key }) => key);
  assertEquals([...keys.keys()].sort(), [0, 1, 2, 3, 4]);
  for (const [key, count] of keys) {
    assertNear(count, accesses.length * 2 ** key / 31, 400, `key ${key}`);
  }
});

Deno.test("ten keys are in use at a time when nothing else is said", () => {
  const keys = new Set(draw(20_000, { maxWritesPerKey: 1e9 }).flat().map(({ key }) => key));
  assertEquals([...keys].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("each key is written 1, 2, 3, … up to max-writes-per-key, then replaced by a fresh one", () => {
  const writes = new Map<number, number>();
  let highest = 9;
  for (const access of draw(3000, { maxWritesPerKey: 7 }).flat()) {
    highest = Math.max(highest, access.key);
    if (access.kind === "read") continue;
    assertEquals(access.value, (writes.get(access.key) ?? 0) + 1);
    writes.set(access.key, access.value);
    const worn = [...writes.values()].filter((count) => count === 7).length;
    assert(highest + 1 - worn <= 10, "no more than ten keys are in use");
  }
  assertEquals(Math.max(...writes.values()), 7);
  assert(highest > 300, `${highest} keys were used up`);
});

Deno.test("a fresh key has the place, and the likelihood, of the one it replaces", () => {
  // Of two keys the second is chosen two times in three, so its place uses up two keys of three.
  const accesses = draw(20_000, { keyCount: 2, maxWritesPerKey: 2 }).flat();
  const highest = Math.max(...accesses.map(({ key }) => key));
  const lastOfFirstPlace = accesses.findLastIndex(({ key }) => key === 0);
  assert(lastOfFirstPlace < 40, `key 0 was used until access ${lastOfFirstPlace}`);
  assertNear(highest, accesses.filter(({ kind }) => kind === "write").length / 2, 2, "keys");
});

Deno.test("thousands of keys can be in use", () => {
  const keys = draw(2000, { keyCount: 5000, maxWritesPerKey: 1 }).flat().map(({ key }) => key);
  assert(keys.every((key) => Number.isSafeInteger(key) && key >= 0));
});
