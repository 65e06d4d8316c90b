import { assert, assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../../lib/base/mod.ts";
import { generateHistory, listAppendModel, parseTransactions } from "../../../lib/testing/mod.ts";
import { classifyCycle, type Component } from "../../../lib/check/txn/component.ts";
import { findComponentCycles } from "../../../lib/check/txn/component_cycles.ts";
import { impliedAnomalies } from "../../../lib/check/txn/anomalies.ts";
import { cycleKinds } from "../../../lib/check/txn/cycle_kinds.ts";
import { findCycleInProductGraph } from "../../../lib/check/txn/product_graph_search.ts";
import { describeExistence, findCycleExistence } from "../../../lib/check/txn/cycle_existence.ts";
import {
  type DependencyGraph,
  EdgeList,
  inducedSubgraph,
} from "../../../lib/check/txn/dependency_graph.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "../../../lib/check/txn/relations.ts";
import { stronglyConnectedComponents } from "../../../lib/check/txn/strongly_connected_components.ts";
import { addProcessOrder, addRealtimeOrder } from "../../../lib/check/txn/time_order.ts";
import { collectTransactions } from "../../../lib/check/txn/transactions.ts";
import { operationHash, trieOrder } from "../../../lib/check/txn/trie_order.ts";

const settings = { seed: 19720607, numRuns: 300 };
const size = 6;
const vertex = fc.integer({ min: 0, max: size - 1 });
const edges = fc.array(
  fc.tuple(vertex, vertex, fc.constantFrom(WW, WR, RW, PROCESS, REALTIME)),
  { maxLength: 16 },
);

type Edge = [from: number, to: number, relation: number];

function graphOf(list: readonly Edge[]): DependencyGraph {
  const builder = new EdgeList();
  for (const edge of list) builder.add(...edge);
  return builder.toGraph(size);
}

/** The vertices that are reachable from a vertex by one or more edges. */
function reach(list: readonly Edge[], from: number): Set<number> {
  const found = new Set(list.filter((edge) => edge[0] === from).map((edge) => edge[1]));
  for (const next of found) for (const [a, b] of list) if (a === next) found.add(b);
  return found;
}

Deno.test("stronglyConnectedComponents returns the vertices that reach each other", () => {
  fc.assert(
    fc.property(edges, fc.boolean(), (list, withSelfLoops) => {
      const expected = new Set<string>();
      for (let start = 0; start < size; start++) {
        const members = [...reach(list, start)].filter((other) => reach(list, other).has(start));
        if (members.length > 1 || (withSelfLoops && members.length === 1)) {
          expected.add(members.sort().join());
        }
      }
      const found = stronglyConnectedComponents(graphOf(list), ~0, withSelfLoops).map((component) =>
        component.join()
      );
      assertEquals(new Set(found), expected);
      assertEquals(found.length, expected.size);
    }),
    settings,
  );
});

Deno.test("stronglyConnectedComponents does not overflow the stack on 100,000 vertices", () => {
  const builder = new EdgeList();
  const count = 100_000;
  for (let from = 0; from < count; from++) builder.add(from, (from + 1) % count, WW);
  assertEquals(
    stronglyConnectedComponents(builder.toGraph(count), WW, false).map(({ length }) => length),
    [
      count,
    ],
  );
});

/** All simple cycles: those that visit no vertex twice. */
function simpleCycles(list: readonly Edge[]): number[][] {
  const cycles: number[][] = [];
  const extend = (path: number[]): void => {
    for (const next of new Set(list.filter(([from]) => from === path.at(-1)).map(([, to]) => to))) {
      if (next === path[0]) cycles.push([...path, next]);
      else if (!path.includes(next)) extend([...path, next]);
    }
  };
  for (let start = 0; start < size; start++) extend([start]);
  return cycles;
}

const everyVertex = Int32Array.from({ length: size }, (_, index) => index);
const precedence = [WW, WR, RW, PROCESS, REALTIME];

Deno.test("findComponentCycles returns simple cycles of the graph, classified correctly", () => {
  fc.assert(
    fc.property(edges, (list) => {
      const component = componentOf(list);
      const all = simpleCycles(list);
      const found = findComponentCycles(component, 100_000);
      for (const { anomaly, vertices } of found.cycles) {
        assert(all.some((cycle) => cycle.join() === vertices.join()), vertices.join());
        assertEquals(classifyCycle(vertices, component).anomaly, anomaly);
      }
      if (all.length === 0) assertEquals([found.cycles, found.existence], [[], []]);
    }),
    settings,
  );
});

function componentOf(list: readonly Edge[], hashes = everyVertex.map(operationHash)) {
  const graph = inducedSubgraph(graphOf(list), everyVertex, new Int32Array(size).fill(-1));
  return { graph, hashes, precedence };
}

/** Edges between different vertices, of some relations. */
function edgesOf(relations: readonly number[], unique: boolean) {
  const edge = fc.tuple(vertex, vertex, fc.constantFrom(...relations));
  const selector = ([from, to]: Edge) => unique ? `${from} ${to}` : {};
  return fc.uniqueArray(edge, { maxLength: 16, selector })
    .map((list) => list.filter(([from, to]) => from !== to));
}

for (const time of [PROCESS, REALTIME]) {
  Deno.test(`findComponentCycles misses only cycles that others imply (${time})`, () => {
    fc.assert(
      fc.property(edgesOf([WW, WR, RW, time], true), (list) => {
        const component = componentOf(list);
        const { cycles } = findComponentCycles(component, 100_000);
        const reported = cycles.map(({ anomaly }) => anomaly);
        const known = impliedAnomalies(reported);
        for (const cycle of simpleCycles(list)) {
          const { anomaly } = classifyCycle(cycle, component);
          assert(known.has(anomaly), `${anomaly} ${cycle.join()}, found ${reported.join()}`);
        }
      }),
      settings,
    );
  });
}

Deno.test("findComponentCycles reports an anomaly once, also if edges have several relations", () => {
  fc.assert(
    fc.property(edgesOf([WW, WR, RW, WW | RW, WW | WR], false), (list) => {
      const reported = findComponentCycles(componentOf(list), 100_000).cycles
        .map(({ anomaly }) => anomaly);
      assertEquals(new Set(reported).size, reported.length, reported.join());
    }),
    settings,
  );
});

function anomaliesOf(component: Component, maxSteps = 100_000): string[] {
  return findComponentCycles(component, maxSteps).cycles.map(({ anomaly }) => anomaly);
}

Deno.test("as in Elle, an edge with several relations shows a cycle of its preferred one twice", () => {
  for (const back of [WW, WR]) {
    const list: Edge[] = [[0, 1, REALTIME | RW], [1, 0, back]];
    assertEquals(anomaliesOf(componentOf(list)), ["G-single-item", "G-single-item"]);
  }
});

Deno.test("a loop whose first and last edges are adjacent anti-dependencies hides no other", () => {
  const list: Edge[] = [[0, 1, RW], [1, 2, WW], [2, 0, RW], [2, 3, RW], [3, 0, WW]];
  for (const maxSteps of [0, 100_000]) {
    assertEquals(anomaliesOf(componentOf(list, everyVertex), maxSteps), ["G-nonadjacent-item"]);
  }
});

/** Kinds whose shortest closed walk is simple, because they require one edge. */
const withOneRequirement = ["G0", "G1c", "G-single-item", "G0-process", "G0-realtime"];

for (const kind of cycleKinds) {
  const isComplete = withOneRequirement.includes(kind.name);
  const name = isComplete ? "finds a shortest cycle" : "finds only simple cycles";
  Deno.test(`the search of pairs of vertex and state ${name} of ${kind.name}`, () => {
    const time = kind.name.endsWith("process") ? PROCESS : REALTIME;
    fc.assert(
      fc.property(edgesOf([WW, WR, RW, time], true), (list) => {
        const component = componentOf(list);
        const cycles = simpleCycles(list).filter((cycle) =>
          classifyCycle(cycle, component).anomaly === kind.name
        );
        const found = findCycleInProductGraph(kind, component)?.vertices;
        if (isComplete) {
          const shortest = Math.min(...cycles.map(({ length }) => length));
          assertEquals(found?.length ?? Infinity, shortest);
        }
        if (found === undefined) return;
        assert(cycles.some((cycle) => cycle.join() === found.join()), found.join());
      }),
      { ...settings, numRuns: 100 },
    );
  });
}

Deno.test("a search for cycles that used up its steps goes on in pairs of vertex and state", () => {
  const component = componentOf([[0, 1, WW], [1, 2, RW], [2, 0, WR]]);
  const all = findComponentCycles(component, 100_000);
  assertEquals([all.cycles.map(({ anomaly }) => anomaly), all.timedOutAt], [
    ["G-single-item"],
    undefined,
  ]);
  for (const maxSteps of [0, 1]) {
    const { cycles, steps, timedOutAt } = findComponentCycles(component, maxSteps);
    assertEquals([steps, timedOutAt], [maxSteps, "G-single-item"]);
    assertEquals(cycles, all.cycles);
  }
  assertEquals(findComponentCycles(component, all.steps).timedOutAt, undefined);
  assertEquals(findComponentCycles(component, all.steps - 1).timedOutAt, "G-single-item");
});

/** The relations among which each model prohibits cycles. */
const acyclicRelations: Readonly<Record<string, number>> = {
  "PL-1": WW,
  "PL-2": WW | WR,
  "PL-3": WW | WR | RW,
  "strong-session-PL-1": WW | PROCESS,
  "PL-SS": WW | WR | RW | REALTIME,
};

Deno.test("findCycleExistence rules out a model only if a cycle that it prohibits exists", () => {
  fc.assert(
    fc.property(edges, (list) => {
      const ruledOut = findCycleExistence(graphOf(list)).map(({ model }) => model);
      for (const [model, relations] of Object.entries(acyclicRelations)) {
        const subgraph = list.filter(([, , relation]) => (relation & relations) !== 0);
        const exists = simpleCycles(subgraph).length > 0;
        if (!exists) assert(!ruledOut.includes(model), model);
        else assert(ruledOut.length > 0);
        if (model === "PL-1") assertEquals(ruledOut.includes(model), exists);
      }
    }),
    settings,
  );
});

Deno.test("the existence of a cycle is shown by the smallest component", () => {
  for (const shift of [0, 2]) {
    const list = ([[0, 1], [1, 2], [2, 0], [3, 4], [4, 3]] as const).map(
      ([from, to]): Edge => [(from + shift) % 5, (to + shift) % 5, WW],
    );
    const [found] = findCycleExistence(graphOf(list));
    assertEquals([...found?.component ?? []].sort(), [3, 4].map((v) => (v + shift) % 5).sort());
    assertEquals(
      found && describeExistence(found),
      "2 transactions contain a dependency cycle that read-uncommitted prohibits",
    );
  }
});

Deno.test("process order leads from a committed transaction to the next committed one", () => {
  const history = parseTransactions(
    "0: ax1 ; 1: ay1 ; 0: ax2! ; 0: ax3 ; 1: ay2? ; 0: ax4",
    "append",
  );
  const builder = new EdgeList();
  addProcessOrder(collectTransactions(history, "append"), builder);
  const edges = Array.from({ length: builder.count }, (_, edge) => [
    builder.from(edge),
    builder.to(edge),
  ]);
  assertEquals(edges, [[0, 3], [3, 5]]);
});

Deno.test("nonadjacent anti-dependencies rule out snapshot isolation, adjacent ones do not", () => {
  const modelsOf = (list: readonly Edge[]) =>
    findCycleExistence(graphOf(list)).map(({ model }) => model);
  assertEquals(modelsOf([[0, 1, WR], [1, 0, RW]]), ["PL-SI", "PL-2.99"]);
  assertEquals(modelsOf([[0, 1, RW], [1, 0, RW]]), ["PL-2.99"]);
  assertEquals(modelsOf([[0, 1, RW], [1, 2, WR], [2, 3, RW], [3, 0, WW]]), ["PL-SI", "PL-2.99"]);
});

Deno.test("addRealtimeOrder implies the whole real-time order with few edges", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, processes) => {
      const history = generateHistory(new Random(seed), listAppendModel(), {
        operations: 25,
        processes,
        infoChance: 0.1,
      });
      const transactions = collectTransactions(history, "append");
      const builder = new EdgeList();
      addRealtimeOrder(transactions, builder);
      assert(builder.count <= transactions.count * processes);
      const graph = builder.toGraph(transactions.count);
      const list: Edge[] = [];
      for (let from = 0; from < graph.size; from++) {
        for (let edge = graph.start[from] as number; edge < (graph.start[from + 1] ?? 0); edge++) {
          list.push([from, graph.to[edge] as number, REALTIME]);
        }
      }
      for (let from = 0; from < transactions.count; from++) {
        const completion = transactions.operations[from];
        const later = transactions.operations.flatMap((operation, to) => {
          const invokedAt = transactions.invocations[to]?.index ?? 0;
          const isLater = completion?.type === "ok" && completion.index < invokedAt &&
            operation !== transactions.invocations[to];
          return isLater ? [to] : [];
        });
        assertEquals([...reach(list, from)].sort((a, b) => a - b), later);
      }
    }),
    { ...settings, numRuns: 60 },
  );
});

Deno.test("trieOrder returns every key once, in an order that depends on the keys alone", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(5000), { maxLength: 200 }), (keys) => {
      const hashes = Int32Array.from({ length: 5001 }, (_, index) => operationHash(index));
      const ordered = trieOrder(keys, hashes);
      assertEquals(ordered.toSorted((a, b) => a - b), keys.toSorted((a, b) => a - b));
      assertEquals(trieOrder(keys.toReversed(), hashes), ordered);
    }),
    settings,
  );
});
