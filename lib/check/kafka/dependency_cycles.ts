/**
 * Cycles among the dependencies of operations on logs: G0 (ww only), G1c (ww and wr), and their
 * realtime forms.
 *
 * Every cycle lies in one strongly connected component, so each component is judged by itself and
 * reports the simplest kind of cycle that it holds: the kinds are ordered so that one found makes
 * those it implies redundant. Beside each cycle stands the model that it rules out, as Elle's
 * `…-cycle-exists`. Maelstrom infers no ww edges, so that only G1c and G1c-realtime can occur there.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { cyclicComponents, shortestPath, type Successors } from "../graph.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import { type AnomalyCase } from "./anomaly.ts";
import type { Completion } from "./completion.ts";
import { type DataEdge, type DependencyGraph, type Relation } from "./dependency_graph.ts";

interface CycleKind {
  readonly type: string;
  readonly relations: readonly Relation[];
  readonly model: string;
  readonly friendlyModel: string;
  readonly implies: readonly string[];
}

const kinds: readonly CycleKind[] = [
  {
    type: "G0",
    relations: ["ww"],
    model: "PL-1",
    friendlyModel: "read-uncommitted",
    implies: ["G1c", "G0-realtime", "G1c-realtime"],
  },
  {
    type: "G1c",
    relations: ["ww", "wr"],
    model: "PL-2",
    friendlyModel: "read-committed",
    implies: ["G1c-realtime"],
  },
  {
    type: "G0-realtime",
    relations: ["ww", "realtime"],
    model: "strong-PL-1",
    friendlyModel: "strong-read-uncommitted",
    implies: ["G1c-realtime"],
  },
  {
    type: "G1c-realtime",
    relations: ["ww", "wr", "realtime"],
    model: "strong-PL-2",
    friendlyModel: "strong-read-committed",
    implies: [],
  },
];

/** How many edges of a component are tried as the start of a short cycle. */
const startingEdges = 64;

/** The cases of each type of cycle found, `…-cycle-exists` included, by the anomaly's name. */
export function dependencyCycles(graph: DependencyGraph): Map<string, AnomalyCase[]> {
  const found = new Map<string, AnomalyCase[]>();
  const report = (name: string, anomaly: AnomalyCase) =>
    found.set(name, [...found.get(name) ?? [], anomaly]);
  const every: readonly Relation[] = ["ww", "wr", "realtime"];
  const components = cyclicComponents(graph.operations.keys(), successorsBy(graph, every));
  for (const component of components) {
    const implied = new Set<string>();
    for (const kind of kinds) {
      if (implied.has(kind.type)) continue;
      const smallest = cyclicComponents(component, successorsBy(graph, kind.relations))
        .reduce<number[] | undefined>((a, b) => a && a.length <= b.length ? a : b, undefined);
      if (smallest === undefined) continue;
      for (const type of kind.implies) implied.add(type);
      report(kind.type, shortCycle(graph, kind, smallest));
      report(`${kind.model}-cycle-exists`, existence(graph, kind, smallest));
    }
  }
  return found;
}

function successorsBy(graph: DependencyGraph, relations: readonly Relation[]): Successors {
  const realtime = relations.includes("realtime");
  return (vertex) => {
    const data = (graph.data[vertex] ?? []).filter(({ relation }) => relations.includes(relation))
      .map(({ to }) => to);
    return realtime ? [...data, ...graph.realtime[vertex] ?? []] : data;
  };
}

function existence(graph: DependencyGraph, kind: CycleKind, component: number[]): AnomalyCase {
  const indexes = component.map((vertex) => operationAt(graph, vertex).index);
  return {
    type: `${kind.model}-cycle-exists`,
    not: kind.friendlyModel,
    subgraph: ["union", ...kind.relations],
    "scc-size": component.length,
    scc: indexes.sort((a, b) => a - b),
    message: `${component.length} operations depend on each other in a cycle of ` +
      `${kind.relations.join(", ")} edges, which ${kind.friendlyModel} rules out`,
  };
}

/** One edge of a cycle, with where it starts. */
type Step =
  | { readonly from: number; readonly to: number; readonly realtime: true }
  | { readonly from: number; readonly to: number; readonly edge: DataEdge };

function shortCycle(graph: DependencyGraph, kind: CycleKind, component: number[]): AnomalyCase {
  const members = new Set(component);
  const successors = successorsBy(graph, kind.relations);
  let best: Step[] | undefined;
  let tried = 0;
  for (const from of component) {
    for (const edge of graph.data[from] ?? []) {
      if (!kind.relations.includes(edge.relation) || !members.has(edge.to)) continue;
      if (best !== undefined && (best.length === 2 || tried >= startingEdges)) break;
      tried++;
      const back = shortestPath(edge.to, from, successors, members);
      if (back === undefined) continue;
      const cycle = [{ from, to: edge.to, edge }, ...stepsAlong(graph, kind, back)];
      if (best === undefined || cycle.length < best.length) best = cycle;
    }
  }
  return explainCycle(graph, kind, best ?? []);
}

/** The edges along a path; several of realtime in a row are one, for realtime order is transitive. */
function stepsAlong(graph: DependencyGraph, kind: CycleKind, path: readonly number[]): Step[] {
  const steps: Step[] = [];
  for (let place = 1; place < path.length; place++) {
    const [from, to] = [path[place - 1] as number, path[place] as number];
    const edge = graph.data[from]?.find((candidate) =>
      candidate.to === to && kind.relations.includes(candidate.relation)
    );
    const last = steps.at(-1);
    if (edge !== undefined) steps.push({ from, to, edge });
    else if (last !== undefined && "realtime" in last) {
      steps[steps.length - 1] = { from: last.from, to, realtime: true };
    } else steps.push({ from, to, realtime: true });
  }
  return steps;
}

function explainCycle(graph: DependencyGraph, kind: CycleKind, steps: Step[]): AnomalyCase {
  const cycle = steps.map(({ from }) => operationAt(graph, from));
  const sentences = steps.map((step) => {
    const [from, to] = [operationAt(graph, step.from), operationAt(graph, step.to)];
    if ("realtime" in step) {
      return `${describeOperation(from)} ended before ${describeOperation(to)} began`;
    }
    const { relation, key, value, next } = step.edge;
    const what = `${describeOperation(from)} sent ${describeValue(value)} to ${describeValue(key)}`;
    return relation === "wr"
      ? `${what}, which ${describeOperation(to)} polled`
      : `${what}, right before ${describeValue(next)} of ${describeOperation(to)}`;
  });
  return {
    type: kind.type,
    cycle: [...cycle, ...cycle.slice(0, 1)],
    steps: steps.map((step) => stepData(graph, step)),
    message: `a cycle: ${sentences.join("; ")}`,
  };
}

function stepData(graph: DependencyGraph, step: Step): Record<string, unknown> {
  if ("edge" in step) {
    const { relation, key, value, next } = step.edge;
    return { type: relation, key, value, ...(relation === "ww" ? { "value'": next } : {}) };
  }
  const to = (graph.operations[step.to] as Completion).invocation;
  return { type: "realtime", "a'": operationAt(graph, step.from), b: to };
}

function operationAt(graph: DependencyGraph, vertex: number): Operation {
  return (graph.operations[vertex] as Completion).operation;
}
