import { assertEquals } from "std/testing";
import fc from "fast-check";
import { Heap } from "../../lib/base/mod.ts";

const smallestFirst = (a: number, b: number) => a < b;

function drain<T>(heap: Heap<T>): T[] {
  const taken: T[] = [];
  while (heap.size > 0) taken.push(heap.pop() as T);
  return taken;
}

Deno.test("an empty heap gives undefined and stays empty", () => {
  const heap = new Heap<number>(smallestFirst);
  assertEquals([heap.peek(), heap.pop(), heap.size], [undefined, undefined, 0]);
});

Deno.test("items come out in order, whatever the order they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new Heap<number>(smallestFirst);
      for (const item of items) heap.push(item);
      assertEquals(heap.size, items.length);
      assertEquals(drain(heap), [...items].sort((a, b) => a - b));
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("pushes and pops in any order agree with a sorted list", () => {
  const step = fc.oneof(fc.nat(50), fc.constant("pop" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<number>(smallestFirst);
      const sorted: number[] = [];
      for (const step of steps) {
        if (step === "pop") {
          assertEquals(heap.pop(), sorted.shift());
        } else {
          heap.push(step);
          sorted.push(step);
          sorted.sort((a, b) => a - b);
        }
        assertEquals([heap.peek(), heap.size], [sorted[0], sorted.length]);
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("with a sequence number as tie-break, equal deadlines come out in order of arrival", () => {
  const heap = new Heap<{ due: number; sequence: number }>((a, b) =>
    a.due !== b.due ? a.due < b.due : a.sequence < b.sequence
  );
  for (let sequence = 0; sequence < 100; sequence++) heap.push({ due: sequence % 3, sequence });
  const taken = drain(heap);
  assertEquals(taken, [...taken].sort((a, b) => a.due - b.due || a.sequence - b.sequence));
});

Deno.test("clear removes everything, and the heap can be used again", () => {
  const heap = new Heap<number>(smallestFirst);
  for (const item of [3, 1, 2]) heap.push(item);
  heap.clear();
  assertEquals([heap.size, heap.peek()], [0, undefined]);
  heap.push(5);
  assertEquals(drain(heap), [5]);
});
