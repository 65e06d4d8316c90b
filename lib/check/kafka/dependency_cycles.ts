/**
 * Cycles in the dependency graph of operations on logs: G0 (ww only), G1c (ww and wr), and their
 * realtime variants, as in Elle.
 *
 * Every cycle lies within one strongly connected component, so each component is searched by
 * itself. It reports its simplest kinds of cycle: a kind that is found makes the kinds that it
 * implies redundant. Each cycle also reports the consistency model that it violates, as Elle's
 * `…-cycle-exists`. Maelstrom infers no ww edges, so it can only find G1c and G1c-realtime.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import { REALTIME, relationNames, WR, WW } from "../txn/relations.ts";
import { stronglyConnectedComponents } from "../txn/strongly_connected_components.ts";
import type { AnomalyCase } from "./anomaly.ts";
import type { Completion } from "./completion.ts";
import type { DataEdge, LogDependencies } from "./dependency_graph.ts";
import { shortestPath } from "./shortest_path.ts";

interface CycleKind {
  readonly type: string;
  readonly relations: number;
  readonly model: string;
  readonly friendlyModel: string;
  readonly implies: readonly string[];
}

const kinds: readonly CycleKind[] = [
  {
    type: "G0",
    relations: WW,
    model: "PL-1",
    friendlyModel: "read-uncommitted",
    implies: ["G1c", "G0-realtime", "G1c-realtime"],
  },
  {
    type: "G1c",
    relations: WW | WR,
    model: "PL-2",
    friendlyModel: "read-committed",
    implies: ["G1c-realtime"],
  },
  {
    type: "G0-realtime",
    relations: WW | REALTIME,
    model: "strong-PL-1",
    friendlyModel: "strong-read-uncommitted",
    implies: ["G1c-realtime"],
  },
  {
    type: "G1c-realtime",
    relations: WW | WR | REALTIME,
    model: "strong-PL-2",
    friendlyModel: "strong-read-committed",
    implies: [],
  },
];

/** The maximum number of a component's edges that are tried as the start of a short cycle. */
const MAX_STARTING_EDGES = 64;

/** Returns the cases of each type of cycle, `…-cycle-exists` included, by the anomaly's name. */
export function dependencyCycles(dependencies: LogDependencies): Map<string, AnomalyCase[]> {
  const { graph } = dependencies;
  const components = stronglyConnectedComponents(graph, WW | WR | REALTIME, false);
  const componentOf = new Map<number, number>();
  components.forEach((members, index) =>
    members.forEach((vertex) => componentOf.set(vertex, index))
  );
  const implied = components.map(() => new Set<string>());
  const found = new Map<string, AnomalyCase[]>();
  const report = (name: string, anomaly: AnomalyCase) =>
    found.set(name, [...found.get(name) ?? [], anomaly]);
  for (const kind of kinds) {
    const smallest = new Map<number, Int32Array>();
    for (const part of stronglyConnectedComponents(graph, kind.relations, false)) {
      const component = componentOf.get(part[0] as number) as number;
      const known = smallest.get(component);
      if (known === undefined || part.length < known.length) smallest.set(component, part);
    }
    for (const [component, part] of smallest) {
      const redundant = implied[component] as Set<string>;
      if (redundant.has(kind.type)) continue;
      for (const type of kind.implies) redundant.add(type);
      report(kind.type, shortCycle(dependencies, kind, part));
      report(`${kind.model}-cycle-exists`, cycleExistence(dependencies, kind, part));
    }
  }
  return found;
}

function cycleExistence(
  dependencies: LogDependencies,
  kind: CycleKind,
  component: Int32Array,
): AnomalyCase {
  const relations = relationNames(kind.relations);
  return {
    type: `${kind.model}-cycle-exists`,
    not: kind.friendlyModel,
    subgraph: ["union", ...relations],
    "scc-size": component.length,
    scc: Array.from(component, (vertex) => operationAt(dependencies, vertex).index)
      .sort((a, b) => a - b),
    message: `${component.length} operations form a strongly connected component of ` +
      `${relations.join(", ")} edges, which violates ${kind.friendlyModel}`,
  };
}

/** An edge of a cycle. */
type Step =
  | { readonly from: number; readonly to: number; readonly realtime: true }
  | { readonly from: number; readonly to: number; readonly edge: DataEdge };

function shortCycle(
  dependencies: LogDependencies,
  kind: CycleKind,
  component: Int32Array,
): AnomalyCase {
  const members = new Set(component);
  let best: Step[] | undefined;
  let tried = 0;
  for (const from of component) {
    for (const edge of dependencies.data[from] ?? []) {
      if ((kind.relations & edge.relation) === 0 || !members.has(edge.to)) continue;
      if (best !== undefined && (best.length === 2 || tried >= MAX_STARTING_EDGES)) break;
      tried++;
      const back = shortestPath(dependencies.graph, kind.relations, edge.to, from, members);
      if (back === undefined) continue;
      const cycle = [{ from, to: edge.to, edge }, ...stepsAlong(dependencies, kind, back)];
      if (best === undefined || cycle.length < best.length) best = cycle;
    }
  }
  return explainCycle(dependencies, kind, best ?? []);
}

/**
 * Returns the edges along a path. Successive realtime edges are merged, because realtime is
 * transitive.
 */
function stepsAlong(
  dependencies: LogDependencies,
  kind: CycleKind,
  path: readonly number[],
): Step[] {
  const steps: Step[] = [];
  for (let index = 1; index < path.length; index++) {
    const [from, to] = [path[index - 1] as number, path[index] as number];
    const edge = dependencies.data[from]?.find((candidate) =>
      candidate.to === to && (kind.relations & candidate.relation) !== 0
    );
    const last = steps.at(-1);
    if (edge !== undefined) steps.push({ from, to, edge });
    else if (last !== undefined && "realtime" in last) {
      steps[steps.length - 1] = { from: last.from, to, realtime: true };
    } else steps.push({ from, to, realtime: true });
  }
  return steps;
}

function explainCycle(dependencies: LogDependencies, kind: CycleKind, steps: Step[]): AnomalyCase {
  const cycle = steps.map(({ from }) => operationAt(dependencies, from));
  const sentences = steps.map((step) => {
    const [from, to] = [operationAt(dependencies, step.from), operationAt(dependencies, step.to)];
    if ("realtime" in step) {
      return `${describeOperation(from)} completed before ${describeOperation(to)} was invoked`;
    }
    const { relation, key, value, next } = step.edge;
    const send = `${describeOperation(from)} sent ${describeValue(value)} to ${describeValue(key)}`;
    return relation === WR
      ? `${send}, which ${describeOperation(to)} polled`
      : `${send}, directly before ${describeValue(next)} of ${describeOperation(to)}`;
  });
  return {
    type: kind.type,
    cycle: [...cycle, ...cycle.slice(0, 1)],
    steps: steps.map((step) => stepData(dependencies, step)),
    message: `a cycle: ${sentences.join("; ")}`,
  };
}

function stepData(dependencies: LogDependencies, step: Step): Record<string, unknown> {
  if ("edge" in step) {
    const { relation, key, value, next } = step.edge;
    const [type] = relationNames(relation);
    return { type, key, value, ...(relation === WW ? { "value'": next } : {}) };
  }
  const to = (dependencies.operations[step.to] as Completion).invocation;
  return { type: "realtime", "a'": operationAt(dependencies, step.from), b: to };
}

function operationAt({ operations }: LogDependencies, vertex: number): Operation {
  return (operations[vertex] as Completion).operation;
}
