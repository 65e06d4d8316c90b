import { assertEquals } from "std/testing";
import fc from "fast-check";
import { ElementTable } from "../../lib/check/element_table.ts";
import { ReadChain, type ReadElements } from "../../lib/check/read_chain.ts";
import { SharedLists } from "../../lib/history/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";

const [invocation, completion] = parseHistory("0 read; 0 ok");
const read = { invocation: invocation!, completion: completion! };

Deno.test("a chain reports the elements that appeared, vanished or are repeated", () => {
  const table = new ElementTable();
  const chain = new ReadChain(table);
  const values = (numbers: readonly number[]) => numbers.map((number) => table.value(number));
  const changes = [[], ["a", "b"], ["b", "c", "b"], ["b", "c"], ["c", "b"]].map((elements) => {
    const { appeared, vanished, repeated } = chain.advance(read, elements);
    return [values(appeared), values(vanished), values(repeated)];
  });
  assertEquals(changes, [
    [[], [], []],
    [["a", "b"], [], []],
    [["c"], ["a"], ["b"]],
    [[], [], []],
    [[], [], []],
  ]);
});

Deno.test("a chain of growing reads keeps the elements that it has seen", () => {
  const table = new ElementTable();
  const chain = new ReadChain(table);
  const upTo = (count: number) => Array.from({ length: count }, (_, element) => element);
  for (let count = 1; count <= 300; count++) {
    assertEquals(chain.advance(read, upTo(count)).appeared.length, 1, `${count}`);
  }
  const [last] = chain.advance(read, upTo(299)).vanished;
  assertEquals(last === undefined ? undefined : table.value(last), 299);
  assertEquals(upTo(300).filter((element) => chain.isPresent(table.intern(element))).length, 299);
});

Deno.test("a forgotten element appears again; its absence is not reported", () => {
  const table = new ElementTable();
  const chain = new ReadChain(table);
  chain.advance(read, [1, 2, 3]);
  chain.forget(table.intern(2));
  assertEquals(chain.advance(read, [1, 2, 3, 4]).appeared.map((n) => table.value(n)), [2, 4]);
  chain.forget(table.intern(2));
  assertEquals(chain.advance(read, [1, 3, 4]).vanished, []);
});

Deno.test("for any reads, the changes are the set differences", () => {
  const elements = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 14 });
  fc.assert(
    fc.property(fc.array(elements, { maxLength: 8 }), (reads) => {
      const table = new ElementTable();
      const chain = new ReadChain(table);
      let before = new Set<number>();
      for (const next of reads) {
        const { appeared, vanished } = chain.advance(read, next);
        const after = new Set(next);
        const values = (numbers: readonly number[]) =>
          numbers.map((number) => table.value(number) as number).sort((a, b) => a - b);
        assertEquals(values(appeared), [...after.difference(before)].sort((a, b) => a - b));
        assertEquals(values(vanished), [...before.difference(after)].sort((a, b) => a - b));
        for (const element of after) {
          assertEquals(
            chain.count(table.intern(element)),
            next.filter((other) => other === element).length,
          );
        }
        before = after;
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("shared lists have the same changes as their elements as arrays", () => {
  const shared = new SharedLists();
  const numbers = (length: number) => Array.from({ length }, (_, index) => index);
  const lists = [
    numbers(100),
    numbers(130),
    numbers(130),
    [...numbers(130), 7, 7],
    [...numbers(150), 7],
    [...numbers(120), 500],
    numbers(60),
    [...numbers(150), 7],
    numbers(200).reverse(),
  ];
  const changesOf = (elements: (list: unknown[]) => ReadElements) => {
    const table = new ElementTable();
    const chain = new ReadChain(table);
    for (const number of numbers(600)) table.intern(number);
    return lists.map((list, index) => {
      const change = chain.advance(read, elements(list));
      if (index === 1) chain.forget(table.intern(3));
      return change;
    });
  };
  const changes = changesOf((list) => shared.share(list, 0) ?? list);
  assertEquals(changes, changesOf((list) => list));
  assertEquals(changes[1]?.appeared, numbers(130).slice(100));
});
