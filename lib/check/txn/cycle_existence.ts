/**
 * The existence of cycles that a consistency model prohibits: Elle's `…-cycle-exists` anomalies. A
 * subgraph has a cycle exactly if it has a strongly connected component with an edge, and these
 * components are found in linear time. The result excludes kinds of cycles from the search, and
 * rules out models even if the search runs out of steps.
 *
 * @module
 */

import {
  anomaliesProhibitedBy,
  friendlyName,
  modelsAtLeastAsStrongAs,
} from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";
import type { DependencyGraph } from "./dependency_graph.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "./relations.ts";
import { stronglyConnectedComponents } from "./strongly_connected_components.ts";

/** A subgraph of the dependency graph that is acyclic if a consistency model holds. */
interface AcyclicSubgraph {
  /** The model's canonical name. */
  readonly model: string;
  readonly relations: number;
  /** Whether one anti-dependency may follow each of these edges (Elle's `extension`). */
  readonly extendedByRw?: true;
}

const acyclicSubgraphs: readonly AcyclicSubgraph[] = [
  { model: "PL-1", relations: WW },
  { model: "PL-2", relations: WW | WR },
  { model: "PL-SI", relations: WW | WR, extendedByRw: true },
  { model: "PL-2.99", relations: WW | WR | RW },
  { model: "PL-3", relations: WW | WR | RW },
  { model: "strong-session-PL-1", relations: WW | PROCESS },
  { model: "strong-session-PL-2", relations: WW | WR | PROCESS },
  {
    model: "strong-session-snapshot-isolation",
    relations: WW | WR | PROCESS,
    extendedByRw: true,
  },
  { model: "strong-session-serializable", relations: WW | WR | RW | PROCESS },
  { model: "strong-PL-1", relations: WW | REALTIME },
  { model: "strong-PL-2", relations: WW | WR | REALTIME },
  { model: "strong-snapshot-isolation", relations: WW | WR | REALTIME, extendedByRw: true },
  { model: "PL-SS", relations: WW | WR | RW | REALTIME },
];

/** The existence of a cycle that a model prohibits. */
export interface CycleExistence {
  /** The anomaly, `<model>-cycle-exists`. */
  readonly anomaly: string;
  /** The canonical name of the model that is ruled out. */
  readonly model: string;
  /** The vertices of the smallest strongly connected component of the model's subgraph. */
  readonly component: readonly number[];
}

/** Returns the weakest models for which the graph contains a prohibited cycle. */
export function findCycleExistence(graph: DependencyGraph): CycleExistence[] {
  const found: CycleExistence[] = [];
  const impossible = new Set<string>();
  for (const subgraph of acyclicSubgraphs) {
    const { model } = subgraph;
    if (impossible.has(model)) continue;
    const component = smallestComponent(graph, subgraph);
    if (component === undefined) continue;
    found.push({ anomaly: `${model}-cycle-exists`, model, component });
    for (const stronger of modelsAtLeastAsStrongAs([model])) impossible.add(stronger);
  }
  return found;
}

/** Returns the kinds of cycles that a component cannot contain, given the cycles that exist. */
export function excludedCycleKinds(found: readonly CycleExistence[]): Set<string> {
  const impossible = modelsAtLeastAsStrongAs(found.map(({ model }) => model));
  const prohibited = anomaliesProhibitedBy(
    acyclicSubgraphs.map(({ model }) => model).filter((model) => !impossible.has(model)),
  );
  return new Set(cycleKinds.map(({ name }) => name).filter((name) => prohibited.has(name)));
}

/** Returns the existence anomalies that add nothing if these models are already ruled out. */
export function redundantExistenceAnomalies(ruledOut: ReadonlySet<string>): string[] {
  return acyclicSubgraphs.filter(({ model }) => ruledOut.has(model))
    .map(({ model }) => `${model}-cycle-exists`);
}

/** Returns the message of an existence anomaly. */
export function describeExistence(existence: CycleExistence): string {
  return `${existence.component.length} transactions contain a dependency cycle that ` +
    `${friendlyName(existence.model)} prohibits`;
}

function smallestComponent(
  graph: DependencyGraph,
  subgraph: AcyclicSubgraph,
): number[] | undefined {
  const { relations, extendedByRw } = subgraph;
  const components = extendedByRw === true
    ? stronglyConnectedComponents(extendByRw(graph, relations), ~0, true)
      .map((component) => [...component].filter((vertex) => vertex < graph.size))
    : stronglyConnectedComponents(graph, relations, true).map((component) => [...component]);
  let smallest = components[0];
  for (const component of components) {
    if (component.length < (smallest as number[]).length) smallest = component;
  }
  return smallest;
}

/**
 * Returns a graph whose paths follow edges with `baseRelations`, each followed by at most one
 * anti-dependency. Each vertex v has a copy v + size: base edges lead from v to both a vertex and
 * its copy, and anti-dependencies lead from a copy to a vertex. So anti-dependencies are never
 * adjacent, and every cycle contains an original vertex.
 */
function extendByRw(graph: DependencyGraph, baseRelations: number): DependencyGraph {
  const { size } = graph;
  const start = new Int32Array(size * 2 + 1);
  const to: number[] = [];
  for (let vertex = 0; vertex < size * 2; vertex++) {
    const original = vertex % size;
    const end = graph.start[original + 1] as number;
    for (let edge = graph.start[original] as number; edge < end; edge++) {
      const relations = graph.relations[edge] as number;
      const target = graph.to[edge] as number;
      if (vertex >= size) {
        if ((relations & RW) !== 0) to.push(target);
      } else if ((relations & baseRelations) !== 0) to.push(target, target + size);
    }
    start[vertex + 1] = to.length;
  }
  return {
    size: size * 2,
    start,
    to: Int32Array.from(to),
    relations: new Uint8Array(to.length).fill(1),
  };
}
