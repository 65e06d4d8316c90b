import { assertEquals, assertStringIncludes } from "std/testing";
import { checkLinearizable, type Model } from "../../../lib/check/mod.ts";
import { completeModel } from "../../../lib/check/linearizable/model.ts";
import type { Operation } from "../../../lib/history/mod.ts";

/** A first-in, first-out queue with the three members that every model has. */
const queue: Model<readonly unknown[]> = {
  init: () => [],
  step(state, { f, value }) {
    if (f === "push") return [...state, value];
    return state[0] === value ? state.slice(1) : undefined;
  },
  equal: (one, other) =>
    one.length === other.length && one.every((item, index) => item === other[index]),
};

/** Writes operations that follow one another, or with `overlapping` all run at the same time. */
function historyOf(calls: readonly (readonly [string, unknown])[], overlapping = false) {
  const invocations = calls.map(([f, value], process): Operation => ({
    index: 0,
    time: 0,
    type: "invoke",
    process,
    f,
    value: f === "pop" ? null : value,
  }));
  const completions = calls.map(([f, value], process): Operation => ({
    index: 0,
    time: 0,
    type: "ok",
    process,
    f,
    value,
  }));
  const operations = overlapping
    ? [...invocations, ...completions]
    : invocations.flatMap((invocation, index) => [invocation, completions[index] as Operation]);
  return operations.map((operation, index) => ({ ...operation, index, time: index }));
}

const FIFO = [["push", 1], ["push", 2], ["pop", 1], ["pop", 2]] as const;
const LIFO = [["push", 1], ["push", 2], ["pop", 2], ["pop", 1]] as const;

Deno.test("checkLinearizable takes a model of init, step and equal", () => {
  assertEquals(checkLinearizable(historyOf(FIFO), queue)["valid?"], true);
  assertEquals(checkLinearizable(historyOf(LIFO), queue)["valid?"], false);
  assertEquals(checkLinearizable(historyOf(LIFO, true), queue)["valid?"], true);
  const invented = [["push", 1], ["pop", 3]] as const;
  assertEquals(checkLinearizable(historyOf(invented, true), queue)["valid?"], false);
});

Deno.test("checkLinearizable explains an own model's violation by its state", () => {
  const { message } = checkLinearizable(historyOf(LIFO), queue);
  assertStringIncludes(String(message), "pop cannot have this result in the state [1,2]");
});

Deno.test("checkLinearizable compares JSON states of a model without equal", () => {
  const { equal: _, ...withoutEqual } = queue;
  for (const isOverlapping of [true, false]) {
    for (const calls of [FIFO, LIFO]) {
      const history = historyOf(calls, isOverlapping);
      assertEquals(
        checkLinearizable(history, withoutEqual)["valid?"],
        checkLinearizable(history, queue)["valid?"],
      );
    }
  }
});

Deno.test("checkLinearizable ignores names of states in a model without hash", () => {
  const model = { ...queue, stateBefore: () => "never", stateAfter: () => "other" };
  assertEquals(checkLinearizable(historyOf(FIFO), model)["valid?"], true);
});

Deno.test("equal states have the same hash, different ones another", () => {
  const { hash } = completeModel(queue);
  assertEquals([[], [1], [], [1], [1, 2]].map(hash), ["0", "1", "0", "1", "2"]);
});

Deno.test("checkLinearizable visits as many configurations with equal as with hash", () => {
  const calls = Array.from({ length: 6 }, (_, n) => [["push", n], ["pop", n]] as const).flat();
  const history = historyOf(calls, true);
  const { equal: _, ...withoutEqual } = queue;
  const withHash = { ...withoutEqual, hash: (state: readonly unknown[]) => state.join() };
  const visited = checkLinearizable(history, withHash)["visited"];
  assertEquals(checkLinearizable(history, queue)["visited"], visited);
});
