/**
 * A strongly connected component of the dependency graph, and the classification of its cycles.
 *
 * @module
 */

import { classifySteps } from "./cycle_kinds.ts";
import type { DependencyGraph } from "./dependency_graph.ts";
import { type RelationName, relationNames } from "./relations.ts";

/** A strongly connected component and the data that a search of it requires. */
export interface Component {
  /** The component's graph, without parallel edges. */
  readonly graph: DependencyGraph;
  /** Per vertex: the hash of its operation, which determines the order of the search. */
  readonly hashes: Int32Array;
  /** All relations, the preferred one first; an edge is classified as its preferred relation. */
  readonly precedence: readonly number[];
}

/** A cycle and the anomaly that it is. */
export interface ClassifiedCycle {
  readonly anomaly: string;
  /** The vertices in order, with the first one repeated at the end. */
  readonly vertices: readonly number[];
  /** Per edge: its preferred relation. */
  readonly steps: readonly RelationName[];
}

/** Classifies the cycle through the given vertices; the first one is repeated at the end. */
export function classifyCycle(vertices: readonly number[], component: Component): ClassifiedCycle {
  const steps = vertices.slice(1).map((to, at) =>
    preferredRelation(
      edgeRelations(component.graph, vertices[at] as number, to),
      component.precedence,
    )
  );
  return { anomaly: classifySteps(steps), vertices, steps };
}

function edgeRelations(graph: DependencyGraph, from: number, to: number): number {
  const end = graph.start[from + 1] as number;
  for (let edge = graph.start[from] as number; edge < end; edge++) {
    if (graph.to[edge] === to) return graph.relations[edge] as number;
  }
  return 0;
}

function preferredRelation(relations: number, precedence: readonly number[]): RelationName {
  const relation = precedence.find((candidate) => (relations & candidate) !== 0) ?? relations;
  return relationNames(relation)[0] as RelationName;
}
