import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { RandomTransactions } from "../../lib/workload/random_transactions.ts";
import { DEFAULT_OPTIONS } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";

interface Settings {
  readonly keyCount?: number;
  readonly maxWritesPerKey?: number;
  readonly maxLength?: number;
}

function draw(count: number, { keyCount, maxWritesPerKey = 16, maxLength = 4 }: Settings = {}) {
  const options = { maxWritesPerKey, ...(keyCount === undefined ? {} : { keyCount }) };
  const transactions = new RandomTransactions(options, maxLength, new Random("transactions"));
  return Array.from({ length: count }, () => transactions.next());
}

/** The number of items with each property. */
function countBy<T, K>(items: readonly T[], property: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(property(item), (counts.get(property(item)) ?? 0) + 1);
  return counts;
}

Deno.test("transactions have 1 to max-txn-length micro-operations, each length equally often", () => {
  const lengths = countBy(draw(8000), (transaction) => transaction.length);
  assertEquals([...lengths.keys()].sort(), [1, 2, 3, 4]);
  for (const [length, count] of lengths) assertNear(count, 2000, 150, `length ${length}`);
  assert(draw(100, { maxLength: 1 }).every((transaction) => transaction.length === 1));
});

Deno.test("by default, transactions have 1 to 4 micro-operations and keys 16 writes, as in Maelstrom", () => {
  const { maxTxnLength, maxWritesPerKey } = DEFAULT_OPTIONS;
  const transactions = draw(1000, { maxLength: maxTxnLength, maxWritesPerKey });
  assertEquals(Math.max(...transactions.map(({ length }) => length)), 4);
  const writes = transactions.flat().filter(({ kind }) => kind === "write");
  assertEquals(Math.max(...countBy(writes, ({ key }) => key).values()), 16);
});

Deno.test("half of the micro-operations write as long as no key reaches its last write", () => {
  const accesses = draw(4000, { maxWritesPerKey: 1e9 }).flat();
  const kinds = countBy(accesses, ({ kind }) => kind);
  assertNear(kinds.get("write") ?? 0, accesses.length / 2, 200, "writes");
});

Deno.test("each active key is twice as likely as the previous one", () => {
  const accesses = draw(20_000, { keyCount: 5, maxWritesPerKey: 1e9 }).flat();
  const keys = countBy(accesses, ({ key }) => key);
  assertEquals([...keys.keys()].sort(), [0, 1, 2, 3, 4]);
  for (const [key, count] of keys) {
    assertNear(count, accesses.length * 2 ** key / 31, 400, `key ${key}`);
  }
});

Deno.test("ten keys are active by default", () => {
  const keys = new Set(draw(20_000, { maxWritesPerKey: 1e9 }).flat().map(({ key }) => key));
  assertEquals([...keys].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("writes to a key have values 1 to max-writes-per-key, then a fresh key replaces it", () => {
  const writes = new Map<number, number>();
  let highest = 9;
  for (const access of draw(3000, { maxWritesPerKey: 7 }).flat()) {
    highest = Math.max(highest, access.key);
    if (access.kind === "read") continue;
    assertEquals(access.value, (writes.get(access.key) ?? 0) + 1);
    writes.set(access.key, access.value);
    const exhausted = [...writes.values()].filter((count) => count === 7).length;
    assert(highest + 1 - exhausted <= 10, "more than ten keys are active");
  }
  assertEquals(Math.max(...writes.values()), 7);
  assert(highest > 300, `only ${highest} keys were used`);
});

Deno.test("fresh key has the probability of the key that it replaces", () => {
  // Of two keys, the second is drawn two times in three, so it is replaced twice as often.
  const accesses = draw(20_000, { keyCount: 2, maxWritesPerKey: 2 }).flat();
  const highest = Math.max(...accesses.map(({ key }) => key));
  const lastUse = accesses.findLastIndex(({ key }) => key === 0);
  assert(lastUse < 40, `key 0 was used until access ${lastUse}`);
  assertNear(highest, accesses.filter(({ kind }) => kind === "write").length / 2, 2, "keys");
});

Deno.test("thousands of keys can be active", () => {
  const keys = draw(2000, { keyCount: 5000, maxWritesPerKey: 1 }).flat().map(({ key }) => key);
  assert(keys.every((key) => Number.isSafeInteger(key) && key >= 0));
});
