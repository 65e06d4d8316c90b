/**
 * Elle's search for one cycle of a given kind within a component. The search is breadth-first from
 * each vertex in turn, so the first cycle found through a vertex is a shortest one.
 *
 * The search follows all simple paths, whose number can be exponential; a budget bounds its steps.
 * Elle bounds the time instead, which makes the verdict depend on the machine.
 *
 * @module
 */

import type { CycleKind } from "./cycle_kinds.ts";
import { CycleAutomaton } from "./cycle_automaton.ts";
import type { OrderedGraph } from "./ordered_graph.ts";

/** A budget of steps that several searches share. */
export interface StepBudget {
  /** The number of steps left; each search counts it down. */
  remaining: number;
}

/** Thrown when a search has used up its budget. */
export class StepBudgetExhausted extends Error {
  override readonly name = "StepBudgetExhausted";
}

/**
 * Returns the vertices of a cycle of the given kind, with the first vertex repeated at the end, or
 * `undefined` if the search found none. Throws {@link StepBudgetExhausted}.
 */
export function findCycle(
  graph: OrderedGraph,
  kind: CycleKind,
  budget: StepBudget,
): number[] | undefined {
  const automaton = new CycleAutomaton(kind);
  for (const vertex of graph.vertices()) {
    const cycle = new PathTree(graph, automaton, budget).searchFrom(vertex);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** All paths from one vertex, as a tree: each path is its last vertex and the path it extends. */
class PathTree {
  readonly #graph: OrderedGraph;
  readonly #automaton: CycleAutomaton;
  readonly #budget: StepBudget;
  readonly #vertex: number[] = [];
  readonly #parent: number[] = [];
  readonly #state: number[] = [];

  constructor(graph: OrderedGraph, automaton: CycleAutomaton, budget: StepBudget) {
    this.#graph = graph;
    this.#automaton = automaton;
    this.#budget = budget;
  }

  /** Searches level by level for a cycle that is reachable from `root`. */
  searchFrom(root: number): number[] | undefined {
    this.#add(root, -1, this.#automaton.initial);
    let levelStart = 0;
    while (levelStart < this.#vertex.length) {
      const levelEnd = this.#vertex.length;
      const simplePaths: number[] = [];
      for (let path = levelStart; path < levelEnd; path++) {
        const loopStart = this.#previousVisit(path);
        if (loopStart < 0) simplePaths.push(path);
        else {
          const cycle = this.#closeLoop(path, loopStart, root);
          if (cycle !== undefined) return cycle;
        }
      }
      for (const path of simplePaths) this.#expand(path);
      levelStart = levelEnd;
    }
    return undefined;
  }

  #add(vertex: number, parent: number, state: number): void {
    this.#vertex.push(vertex);
    this.#parent.push(parent);
    this.#state.push(state);
  }

  #expand(path: number): void {
    const state = this.#state[path] as number;
    const isFirst = this.#parent[path] === -1;
    const { to, relations } = this.#graph.successors(this.#vertex[path] as number);
    for (let edge = 0; edge < to.length; edge++) {
      for (const next of this.#automaton.nextStates(state, relations[edge] as number, isFirst)) {
        this.#add(to[edge] as number, path, next);
        if (--this.#budget.remaining < 0) {
          throw new StepBudgetExhausted("no steps left in the budget");
        }
      }
    }
  }

  /** Returns the prefix of a path that ends at the same vertex, or −1 if the path is simple. */
  #previousVisit(path: number): number {
    const vertex = this.#vertex[path];
    let earlier = this.#parent[path] as number;
    while (earlier >= 0 && this.#vertex[earlier] !== vertex) {
      earlier = this.#parent[earlier] as number;
    }
    return earlier;
  }

  /** Returns the loop at the end of a path, or a cycle within it, if it is of the kind. */
  #closeLoop(path: number, loopStart: number, root: number): number[] | undefined {
    if (!this.#automaton.accepts(this.#state[path] as number)) return undefined;
    const vertices: number[] = [];
    let step = path;
    while (step !== loopStart) {
      vertices.push(this.#vertex[step] as number);
      step = this.#parent[step] as number;
    }
    vertices.push(this.#vertex[loopStart] as number);
    vertices.reverse();
    return vertices[0] === root ? vertices : this.#trimTail(vertices);
  }

  /**
   * Searches the vertices of the loop alone. A path that reached the loop through a tail may be
   * accepted because of edges in the tail.
   */
  #trimTail(loop: readonly number[]): number[] | undefined {
    const graph = this.#graph.inducedSubgraph(loop);
    for (const vertex of loop) {
      const cycle = new PathTree(graph, this.#automaton, this.#budget).searchFrom(vertex);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }
}
