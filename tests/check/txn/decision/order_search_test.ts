import { assert, assertEquals } from "std/testing";
import fc from "fast-check";
import type { OrderProblem } from "../../../../lib/check/txn/decision/order_problem.ts";
import { solve } from "../../../../lib/check/txn/decision/order_search.ts";
import {
  reachability,
  sortTopologically,
} from "../../../../lib/check/txn/decision/reachability.ts";

const settings = { seed: 19790801, numRuns: 1000 };

/** Returns the transitive closure of edges as `from * size + to`; undefined if it has a cycle. */
function closure(size: number, edges: readonly number[]): Set<number> | undefined {
  const reached = new Set<number>();
  for (let at = 0; at < edges.length; at += 2) {
    reached.add((edges[at] as number) * size + (edges[at + 1] as number));
  }
  for (let middle = 0; middle < size; middle++) {
    for (let from = 0; from < size; from++) {
      if (!reached.has(from * size + middle)) continue;
      for (let to = 0; to < size; to++) {
        if (reached.has(middle * size + to)) reached.add(from * size + to);
      }
    }
  }
  for (let vertex = 0; vertex < size; vertex++) {
    if (reached.has(vertex * size + vertex)) return undefined;
  }
  return reached;
}

/** Tries both edges of each choice, and adds the edges of implications until none is missing. */
function isSolvable({ size, edges, choices, implications }: OrderProblem): boolean {
  const [a, b, c, d, ...others] = choices;
  if (d !== undefined) {
    return [[a, b], [c, d]].some((edge) =>
      isSolvable({ size, edges: [...edges, ...edge as number[]], choices: others, implications })
    );
  }
  const reached = closure(size, edges);
  if (reached === undefined) return false;
  for (let at = 0; at < implications.length; at += 4) {
    const [from, to, impliedFrom, impliedTo] = implications.slice(at, at + 4) as [
      number,
      number,
      number,
      number,
    ];
    if (!reached.has(from * size + to) || reached.has(impliedFrom * size + impliedTo)) continue;
    return isSolvable({ size, edges: [...edges, impliedFrom, impliedTo], choices, implications });
  }
  return true;
}

const problems = fc.integer({ min: 2, max: 6 }).chain((size) => {
  const vertex = fc.nat(size - 1);
  const lists = (length: number, maxLength: number) =>
    fc.array(fc.array(vertex, { minLength: length, maxLength: length }), { maxLength })
      .map((list) => list.flat());
  return fc.record({
    size: fc.constant(size),
    edges: lists(2, 5),
    choices: lists(4, 5),
    implications: lists(4, 4),
  });
});

Deno.test("a problem of orders is solved exactly if some choices have an order", () => {
  const counts = { solvable: 0, unsolvable: 0, undecided: 0 };
  fc.assert(
    fc.property(problems, (problem) => {
      const outcome = solve(problem, { remaining: 100_000 });
      counts[outcome]++;
      assertEquals(outcome, isSolvable(problem) ? "solvable" : "unsolvable");
    }),
    settings,
  );
  assert(counts.solvable > 200 && counts.unsolvable > 200, JSON.stringify(counts));
});

Deno.test("a problem of orders without a budget is undecided, unless it has edges alone", () => {
  const problem = { size: 2, edges: [0, 1], choices: [], implications: [] };
  assertEquals(solve(problem, { remaining: 0 }), "solvable");
  assertEquals(solve({ ...problem, edges: [0, 1, 1, 0] }, { remaining: 0 }), "unsolvable");
  for (const more of [{ choices: [0, 1, 1, 0] }, { implications: [0, 1, 0, 1] }]) {
    assertEquals(solve({ ...problem, ...more }, { remaining: 0 }), "undecided");
    assertEquals(solve({ ...problem, ...more }, { remaining: 3 }), "solvable");
  }
});

const graphs = fc.integer({ min: 1, max: 70 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 2 * size }),
    isAcyclic: fc.boolean(),
  })
).map(({ size, edges, isAcyclic }) => ({
  size,
  edges: edges.flatMap(([from, to]) =>
    !isAcyclic ? [from, to] : from === to ? [] : [Math.min(from, to), Math.max(from, to)]
  ),
}));

Deno.test("reachability and a topological order are those of the transitive closure", () => {
  fc.assert(
    fc.property(graphs, ({ size, edges }) => {
      const expected = closure(size, edges);
      const reaches = reachability(size, edges);
      const sorted = sortTopologically(size, edges);
      assertEquals([reaches === undefined, sorted === undefined], [
        expected === undefined,
        expected === undefined,
      ]);
      if (expected === undefined || reaches === undefined || sorted === undefined) return;
      assertEquals([...sorted.order].sort((a, b) => a - b), [...Array(size).keys()]);
      const place = new Map([...sorted.order].map((vertex, at) => [vertex, at]));
      for (let from = 0; from < size; from++) {
        for (let to = 0; to < size; to++) {
          const isReached = expected.has(from * size + to);
          assertEquals(reaches(from, to), isReached);
          if (isReached) assert((place.get(from) ?? 0) < (place.get(to) ?? 0));
        }
      }
    }),
    { ...settings, numRuns: 100 },
  );
});
