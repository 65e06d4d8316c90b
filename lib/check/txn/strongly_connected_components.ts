/**
 * Strongly connected components: the maximal sets of vertices that are all reachable from each
 * other. Every cycle lies within one component.
 *
 * The algorithm is Tarjan's ("Depth-First Search and Linear Graph Algorithms", SIAM J. Comput.
 * 1972) with an explicit stack: a history contains long paths, on which a recursive search would
 * overflow the call stack.
 *
 * @module
 */

import type { DependencyGraph } from "./dependency_graph.ts";

/**
 * Returns the components with two or more vertices, each with its vertices in ascending order. If
 * `withSelfLoops`, also returns single vertices with an edge to themselves. Follows only edges with
 * a relation in `relations`.
 */
export function stronglyConnectedComponents(
  graph: DependencyGraph,
  relations: number,
  withSelfLoops: boolean,
): Int32Array[] {
  const search = new TarjanSearch(graph, relations, withSelfLoops);
  for (let vertex = 0; vertex < graph.size; vertex++) search.exploreFrom(vertex);
  return search.components;
}

class TarjanSearch {
  readonly components: Int32Array[] = [];
  readonly #graph: DependencyGraph;
  readonly #relations: number;
  readonly #withSelfLoops: boolean;
  /** Per vertex: its number in the order of discovery, from 1; 0 if it is undiscovered. */
  readonly #index: Int32Array;
  /** Per vertex: the lowest index on the stack that is known to be reachable from it. */
  readonly #lowLink: Int32Array;
  readonly #onStack: Uint8Array;
  readonly #stack: Int32Array;
  readonly #path: Int32Array;
  /** Per vertex on the path: the next edge to follow. */
  readonly #nextEdge: Int32Array;
  #stackSize = 0;
  #lastIndex = 0;

  constructor(graph: DependencyGraph, relations: number, withSelfLoops: boolean) {
    this.#graph = graph;
    this.#relations = relations;
    this.#withSelfLoops = withSelfLoops;
    this.#index = new Int32Array(graph.size);
    this.#lowLink = new Int32Array(graph.size);
    this.#onStack = new Uint8Array(graph.size);
    this.#stack = new Int32Array(graph.size);
    this.#path = new Int32Array(graph.size);
    this.#nextEdge = new Int32Array(graph.size);
  }

  exploreFrom(root: number): void {
    if (this.#index[root] !== 0) return;
    let depth = 0;
    this.#path[0] = root;
    this.#enter(root);
    while (depth >= 0) {
      const vertex = this.#path[depth] as number;
      const next = this.#advance(vertex);
      if (next >= 0) {
        this.#path[++depth] = next;
        this.#enter(next);
        continue;
      }
      depth--;
      if (this.#lowLink[vertex] === this.#index[vertex]) this.#popComponent(vertex);
      if (depth >= 0) this.#lowerLink(this.#path[depth] as number, this.#lowLink[vertex] as number);
    }
  }

  #enter(vertex: number): void {
    this.#index[vertex] = this.#lowLink[vertex] = ++this.#lastIndex;
    this.#onStack[vertex] = 1;
    this.#stack[this.#stackSize++] = vertex;
    this.#nextEdge[vertex] = this.#graph.start[vertex] as number;
  }

  /** Follows edges until one leads to an undiscovered vertex and returns that vertex; else −1. */
  #advance(vertex: number): number {
    const { start, to, relations } = this.#graph;
    const end = start[vertex + 1] as number;
    for (let edge = this.#nextEdge[vertex] as number; edge < end; edge++) {
      if (((relations[edge] as number) & this.#relations) === 0) continue;
      const next = to[edge] as number;
      if (this.#index[next] === 0) {
        this.#nextEdge[vertex] = edge + 1;
        return next;
      }
      if (this.#onStack[next] === 1) this.#lowerLink(vertex, this.#index[next] as number);
    }
    return -1;
  }

  #lowerLink(vertex: number, reachable: number): void {
    if (reachable < (this.#lowLink[vertex] as number)) this.#lowLink[vertex] = reachable;
  }

  #popComponent(root: number): void {
    const end = this.#stackSize;
    do {
      this.#onStack[this.#stack[--this.#stackSize] as number] = 0;
    } while (this.#stack[this.#stackSize] !== root);
    if (end - this.#stackSize === 1 && !(this.#withSelfLoops && this.#hasSelfLoop(root))) return;
    this.components.push(this.#stack.slice(this.#stackSize, end).sort());
  }

  #hasSelfLoop(vertex: number): boolean {
    const { start, to, relations } = this.#graph;
    const end = start[vertex + 1] as number;
    for (let edge = start[vertex] as number; edge < end; edge++) {
      if (to[edge] === vertex && ((relations[edge] as number) & this.#relations) !== 0) return true;
    }
    return false;
  }
}
