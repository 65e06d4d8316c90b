import { assertEquals } from "std/testing";
import {
  type Configuration,
  MAY_FOLLOW,
  VisitedConfigurations,
} from "../../../lib/check/linearizable/configuration.ts";

const initial: Configuration = {
  nextResponse: 0,
  linearizedSlots: [0],
  state: 0,
  crashedCounts: [],
  coveredBelow: 0,
  unused: MAY_FOLLOW,
  linearized: undefined,
  linearizedCount: 0,
};

/** Adds configurations in turn; returns which were new, and the size and the work in the end. */
function add(...differences: readonly Partial<Configuration>[]) {
  const visited = new VisitedConfigurations();
  const areNew = differences.map((difference) => visited.add({ ...initial, ...difference }));
  return { areNew, size: visited.size, work: visited.work };
}

Deno.test("configurations with other responses, slots or states are different", () => {
  const slots = [[0], [1], [2 ** 30], [2 ** 31 - 1], [1, 1], [1, 11], [11, 1], [1, 2 ** 30]];
  const states = [0, 1, 11, 2 ** 22 - 1, 2 ** 22, 2 ** 22 + 1];
  const all = [0, 1].flatMap((nextResponse) =>
    slots.flatMap((linearizedSlots) =>
      states.map((state) => ({ nextResponse, linearizedSlots, state }))
    )
  );
  const { areNew, size } = add(...all, ...all);
  assertEquals(areNew, [...all.map(() => true), ...all.map(() => false)]);
  assertEquals(size, all.length);
});

Deno.test("a configuration subsumes those with more crashed operations of each kind", () => {
  const counts = [[1, 1], [1, 1], [2, 1], [0, 2], [0, 2], [1, 0], [1, 1], [0, 0], [1, 0]];
  const { areNew, size } = add(...counts.map((crashedCounts) => ({ crashedCounts })));
  assertEquals(areNew, [true, false, false, true, false, true, false, true, false]);
  assertEquals(size, 1);
});

Deno.test("a configuration subsumes those that cover fewer operations", () => {
  const { areNew, size } = add(...[3, 3, 2, 4, 3].map((coveredBelow) => ({ coveredBelow })));
  assertEquals(areNew, [true, false, false, true, false]);
  assertEquals(size, 1);
  const both = add({ coveredBelow: 1, crashedCounts: [1] }, { crashedCounts: [0] });
  assertEquals(both.size, 2);
});

Deno.test("the work of a set of configurations is one for each addition and comparison", () => {
  assertEquals(add({}).work, 1);
  assertEquals(add({}, { state: 1 }).work, 2);
  assertEquals(add({}, {}).work, 3);
  assertEquals(add({ crashedCounts: [0, 1] }, { crashedCounts: [1, 0] }, {}).work, 1 + 2 + 3);
});
