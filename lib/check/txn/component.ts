/**
 * A strongly connected component of the dependency graph, and the cycles found in it.
 *
 * @module
 */

import { classifySteps } from "./cycle_kinds.ts";
import type { DependencyGraph } from "./dependency_graph.ts";
import { type RelationName, relationNames } from "./relations.ts";

/** A component: a strongly connected graph and what is needed to search it. */
export interface Component {
  /** Between two vertices there is one edge at most, which has all their relations. */
  readonly graph: DependencyGraph;
  /** Of each vertex: its place in the order of the visit (see `operationHash`). */
  readonly hashes: Int32Array;
  /** Relations, that which explains an edge best first. */
  readonly precedence: readonly number[];
}

/** A cycle, with the anomaly that it turned out to be. */
export interface ClassifiedCycle {
  readonly anomaly: string;
  /** The vertices, the first one again at the end. */
  readonly vertices: readonly number[];
  /** Of each edge: the relation that explains it. */
  readonly steps: readonly RelationName[];
}

/** A cycle with the relations that explain its edges, and so with its name. */
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
