import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { AnomalyLog } from "../../../lib/check/txn/anomaly_log.ts";
import { recordCycles } from "../../../lib/check/txn/cycle_anomalies.ts";
import { EdgeList } from "../../../lib/check/txn/dependency_graph.ts";
import { RW, WR, WW } from "../../../lib/check/txn/relations.ts";
import { collectTransactions } from "../../../lib/check/txn/transactions.ts";
import { generateHistory, listAppendModel } from "../../../lib/testing/mod.ts";

type Edge = readonly [from: number, to: number, relation: number];

/** Records the cycles of a graph among transactions that follow one another. */
function cyclesOf(count: number, list: readonly Edge[], maxSteps: number) {
  const options = { operations: count, processes: 1 };
  const history = generateHistory(new Random(1), listAppendModel(), options);
  const transactions = collectTransactions(history, "append");
  const edges = new EdgeList();
  for (const edge of list) edges.add(...edge);
  const log = new AnomalyLog();
  const hasCycle = recordCycles(transactions, edges.toGraph(transactions.count), {
    precedence: [WW, WR, RW],
    explain: () => ({ message: (from, to) => `${from} to ${to}` }),
    maxSteps,
  }, log);
  return { hasCycle, log };
}

const LAYERS = 7;
const WIDTH = 3;
const SIZE = 1 + LAYERS * WIDTH;

/** A cycle through one vertex and one vertex of each layer, each of which leads to all of the next. */
function layered(first: number, layers: number): Edge[] {
  const vertex = (layer: number, at: number) => first + 1 + layer * WIDTH + at;
  const all = [...Array(WIDTH).keys()];
  return [
    ...all.map((at): Edge => [first, vertex(0, at), WW]),
    ...all.map((at): Edge => [vertex(layers - 1, at), first, RW]),
    ...Array.from(
      { length: layers - 1 },
      (_, layer) =>
        all.flatMap((at) =>
          all.map((next): Edge => [vertex(layer, at), vertex(layer + 1, next), WW])
        ),
    ).flat(),
  ];
}

Deno.test("all components together take ten times the steps of one, then each takes 1,000", () => {
  const count = 40;
  const list = Array.from({ length: count }, (_, component) => layered(component * SIZE, LAYERS))
    .flat();
  const { log } = cyclesOf(count * SIZE, list, 20_000);
  assertEquals(log.group("cycle-search-timeout").count, 0, "one component takes fewer");
  assertEquals(log.group("G-single-item").count, count);
  const { count: late, cases } = cyclesOf(count * SIZE, list, 5000).log.group(
    "cycle-search-timeout",
  );
  assert(late >= 23 && late <= 28, `${late} of ${count} components`);
  for (const { message, ...data } of cases) {
    assertEquals(data, {
      type: "cycle-search-timeout",
      "anomaly-spec-type": "G-single-item",
      "scc-size": SIZE,
    });
    assertStringIncludes(message, "stopped after 1000 steps");
  }
});

Deno.test("small components are searched before large ones use up the steps", () => {
  const large = SIZE + 2 * WIDTH;
  const list = [
    ...Array.from({ length: 11 }, (_, component) => layered(component * large, LAYERS + 2)),
    ...Array.from({ length: 3 }, (_, component) => layered(11 * large + component * SIZE, LAYERS)),
  ].flat();
  const { log } = cyclesOf(11 * large + 3 * SIZE, list, 10_000);
  assertEquals(log.group("cycle-search-timeout").count, 11);
});

Deno.test("cycles are reported with the shortest first, then by their first transaction", () => {
  const pair = (a: number, b: number): Edge[] => [[a, b, WW], [b, a, RW]];
  const long: Edge[] = [[3, 4, WW], [4, 5, WW], [5, 3, RW]];
  // The pair 8, 9 is part of the largest component.
  const large: Edge[] = [...pair(8, 9), [9, 10, WW], [10, 11, WW], [11, 12, WW], [12, 8, RW]];
  const { hasCycle, log } = cyclesOf(13, [...long, ...large, ...pair(7, 2), ...pair(6, 1)], 10_000);
  assertEquals(hasCycle, true);
  const cycles = log.group("G-single-item").cases.map(({ cycle }) =>
    [...new Set(cycle as number[])].sort((a, b) => a - b)
  );
  const completionsOf = (...members: number[]) => members.map((member) => 2 * member + 1);
  assertEquals(cycles, [[1, 6], [2, 7], [8, 9], [3, 4, 5]].map((list) => completionsOf(...list)));
});

Deno.test("a graph has no cycle without a path back; an edge of a transaction to itself does not count", () => {
  const { hasCycle, log } = cyclesOf(3, [[0, 1, WW], [1, 2, RW], [0, 2, WR], [1, 1, WW]], 10_000);
  assertEquals([hasCycle, log.types()], [false, []]);
});

Deno.test("a cycle's existence names the model and the transactions of the smallest component", () => {
  const list: Edge[] = [[0, 1, WW], [1, 2, WW], [2, 0, WW], [2, 3, RW], [3, 2, RW]];
  const { log } = cyclesOf(4, list, 10_000);
  const [found] = log.group("PL-1-cycle-exists").cases;
  assertEquals([found?.not, found?.operations], ["read-uncommitted", [1, 3, 5]]);
});
