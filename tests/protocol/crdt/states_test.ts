import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { type DeltaState, GrowOnlySet, PnCounter } from "../../../lib/protocol/crdt/mod.ts";

const settings = { seed: 1, numRuns: 200 };

Deno.test("GrowOnlySet holds equal JSON values once, also objects with their keys in another order", () => {
  const set = new GrowOnlySet();
  for (const element of [1, "1", null, { a: 1, b: 2 }, { b: 2, a: 1 }, [1], [1], 1]) {
    set.add(element);
  }
  assertEquals([...set.elements], [1, "1", null, { a: 1, b: 2 }, [1]]);
});

Deno.test("PnCounter is the sum of its additions", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 })), (deltas) => {
      const counter = new PnCounter("a");
      for (const delta of deltas) counter.add(delta);
      assertEquals(counter.value, deltas.reduce((sum, delta) => sum + delta, 0));
    }),
    settings,
  );
});

/** Joins the deltas of three writers into a new state, in several orders; returns each result. */
function joinInSeveralOrders<S extends DeltaState>(
  make: (writer: string, steps: readonly number[]) => S,
  contentOf: (state: S) => unknown,
  [a, b, c]: readonly [readonly number[], readonly number[], readonly number[]],
): readonly unknown[] {
  const delta = (steps: readonly number[], writer: string) =>
    make(writer, steps).deltaSince(0, "n9");
  const orders = [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "b", "c", "c", "a"]];
  const deltas: Record<string, ReturnType<typeof delta>> = {
    a: delta(a, "a"),
    b: delta(b, "b"),
    c: delta(c, "c"),
  };
  return orders.map((order) => {
    const state = make("d", []);
    for (const name of order) state.join(deltas[name] ?? null, "n9");
    return contentOf(state);
  });
}

Deno.test("joining is commutative, associative and idempotent", () => {
  const steps = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.tuple(steps, steps, steps), (additions) => {
      const counters = joinInSeveralOrders(
        (writer, deltas) => {
          const counter = new PnCounter(writer);
          deltas.forEach((delta) => counter.add(delta));
          return counter;
        },
        (counter) => counter.value,
        additions,
      );
      assertEquals(
        new Set(counters),
        new Set([additions.flat().reduce((sum, delta) => sum + delta, 0)]),
      );
      const sets = joinInSeveralOrders(
        (_writer, elements) => {
          const set = new GrowOnlySet();
          elements.forEach((element) => set.add(element));
          return set;
        },
        (set) => [...set.elements].sort().join(),
        additions,
      );
      assertEquals(new Set(sets), new Set([[...new Set(additions.flat())].sort().join()]));
    }),
    settings,
  );
});

Deno.test("a counter's delta holds only what changed", () => {
  const counter = new PnCounter("a");
  counter.add(2);
  const { version } = counter;
  counter.join({ b: [3, 1] });
  assertEquals(counter.deltaSince(version), { b: [3, 1] });
  counter.join({ b: [1, 1] });
  assertEquals([counter.value, counter.version], [4, version + 1]);
});

Deno.test("join throws a TypeError that quotes a malformed delta", () => {
  const counter = new PnCounter("a");
  assertThrows(() => new GrowOnlySet().join({}), TypeError, "must be an array, got {}");
  assertThrows(() => counter.join([]), TypeError, "must be an object, got []");
  assertThrows(() => counter.join({ b: 3 }), TypeError, 'totals of "b" must be two numbers, got 3');
});
