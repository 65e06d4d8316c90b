/**
 * Looks for one cycle of a kind within a component: breadth first from each vertex in turn, so that
 * the first one found through a vertex is the shortest through it.
 *
 * All simple paths are followed, and there can be exponentially many; a budget of steps bounds the
 * work. (It counts steps rather than time, so that a verdict does not depend on the machine.)
 *
 * @module
 */

import type { CycleKind } from "./cycle_kinds.ts";
import { CycleAutomaton } from "./cycle_automaton.ts";
import type { OrderedGraph } from "./ordered_graph.ts";

/** How many more steps may be taken; shared between searches and counted down. */
export interface StepBudget {
  remaining: number;
}

/** Thrown when a search has used up its budget. */
export class StepBudgetExhausted extends Error {
  override readonly name = "BudgetExhausted";
}

/**
 * A cycle of the kind as the vertices it visits, the first one again at the end, or `undefined` if
 * there is none. Throws {@link StepBudgetExhausted}.
 */
export function findCycle(
  graph: OrderedGraph,
  kind: CycleKind,
  budget: StepBudget,
): number[] | undefined {
  const rule = new CycleAutomaton(kind);
  for (const vertex of graph.vertices()) {
    const cycle = new PathTree(graph, rule, budget).searchFrom(vertex);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** All paths from one vertex, each as its last vertex and the path it prolongs. */
class PathTree {
  readonly #graph: OrderedGraph;
  readonly #automaton: CycleAutomaton;
  readonly #budget: StepBudget;
  readonly #vertex: number[] = [];
  readonly #parent: number[] = [];
  readonly #state: number[] = [];

  constructor(graph: OrderedGraph, rule: CycleAutomaton, budget: StepBudget) {
    this.#graph = graph;
    this.#automaton = rule;
    this.#budget = budget;
  }

  searchFrom(root: number): number[] | undefined {
    this.#add(root, -1, this.#automaton.initial);
    let shellStart = 0;
    while (shellStart < this.#vertex.length) {
      const shellEnd = this.#vertex.length;
      const open: number[] = [];
      for (let path = shellStart; path < shellEnd; path++) {
        const loopStart = this.#previousVisit(path);
        if (loopStart < 0) open.push(path);
        else {
          const cycle = this.#closeLoop(path, loopStart, root);
          if (cycle !== undefined) return cycle;
        }
      }
      for (const path of open) this.#expand(path);
      shellStart = shellEnd;
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
    const first = this.#parent[path] === -1;
    const { to, relations } = this.#graph.successors(this.#vertex[path] as number);
    for (let edge = 0; edge < to.length; edge++) {
      for (const next of this.#automaton.nextStates(state, relations[edge] as number, first)) {
        this.#add(to[edge] as number, path, next);
        if (--this.#budget.remaining < 0) throw new StepBudgetExhausted("no steps left");
      }
    }
  }

  /** The earlier path that ended where this one ends, or −1. */
  #previousVisit(path: number): number {
    const vertex = this.#vertex[path];
    let earlier = this.#parent[path] as number;
    while (earlier >= 0 && this.#vertex[earlier] !== vertex) {
      earlier = this.#parent[earlier] as number;
    }
    return earlier;
  }

  /** The cycle that a path ends in, if it satisfies the rule or a part of it does. */
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

  /** What made the path acceptable may lie before the loop: look again within the loop alone. */
  #trimTail(loop: readonly number[]): number[] | undefined {
    const graph = this.#graph.inducedSubgraph(loop);
    for (const vertex of loop) {
      const cycle = new PathTree(graph, this.#automaton, this.#budget).searchFrom(vertex);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }
}
