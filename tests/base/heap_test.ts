import { assertEquals } from "std/testing";
import fc from "fast-check";
import { Heap } from "../../lib/base/mod.ts";

const smallestFirst = (a: number, b: number) => a < b;

function drain<T>(heap: Heap<T>): T[] {
  const items: T[] = [];
  while (heap.size > 0) items.push(heap.pop() as T);
  return items;
}

Deno.test("peek and pop return undefined for an empty heap", () => {
  const heap = new Heap<number>(smallestFirst);
  assertEquals([heap.peek(), heap.pop(), heap.size], [undefined, undefined, 0]);
});

Deno.test("pop returns items in order, regardless of the order of pushes", () => {
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

Deno.test("any sequence of pushes and pops agrees with a sorted list", () => {
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

Deno.test("items with equal deadlines are popped in the order of their sequence numbers", () => {
  const heap = new Heap<{ deadline: number; sequence: number }>((a, b) =>
    a.deadline !== b.deadline ? a.deadline < b.deadline : a.sequence < b.sequence
  );
  for (let sequence = 0; sequence < 100; sequence++) {
    heap.push({ deadline: sequence % 3, sequence });
  }
  const drained = drain(heap);
  assertEquals(
    drained,
    [...drained].sort((a, b) => a.deadline - b.deadline || a.sequence - b.sequence),
  );
});

Deno.test("a cleared heap is empty and can be used again", () => {
  const heap = new Heap<number>(smallestFirst);
  for (const item of [3, 1, 2]) heap.push(item);
  heap.clear();
  assertEquals([heap.size, heap.peek()], [0, undefined]);
  heap.push(5);
  assertEquals(drain(heap), [5]);
});
