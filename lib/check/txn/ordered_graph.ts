/**
 * A component's graph, restricted to some relations, whose vertices and successors are iterated in
 * trie order.
 *
 * @module
 */

import type { DependencyGraph } from "./dependency_graph.ts";
import { trieOrder } from "./trie_order.ts";

/** The successors of a vertex and, at the same indexes, the relations of the edges to them. */
export interface Successors {
  readonly to: readonly number[];
  readonly relations: readonly number[];
}

/** A restricted graph in trie order. Successors are sorted on first access. */
export class OrderedGraph {
  readonly #graph: DependencyGraph;
  readonly #hashes: Int32Array;
  readonly #relations: number;
  readonly #allowed: ReadonlySet<number> | undefined;
  readonly #successors = new Map<number, Successors>();

  /**
   * Restricts the edges of `graph` to `relations`, and to those between `allowed` vertices if these
   * are given. `hashes` holds the hash of each vertex, see {@link trieOrder}.
   */
  constructor(
    graph: DependencyGraph,
    hashes: Int32Array,
    relations: number,
    allowed?: ReadonlySet<number>,
  ) {
    this.#graph = graph;
    this.#hashes = hashes;
    this.#relations = relations;
    this.#allowed = allowed;
  }

  /** Returns the vertices with at least one edge, in trie order. */
  vertices(): readonly number[] {
    const { size, start, to, relations } = this.#graph;
    const hasEdge = new Uint8Array(size);
    for (let vertex = 0; vertex < size; vertex++) {
      const end = start[vertex + 1] as number;
      for (let edge = start[vertex] as number; edge < end; edge++) {
        if (((relations[edge] as number) & this.#relations) === 0) continue;
        hasEdge[vertex] = hasEdge[to[edge] as number] = 1;
      }
    }
    const vertices: number[] = [];
    hasEdge.forEach((flag, vertex) => flag === 1 && vertices.push(vertex));
    return trieOrder(vertices, this.#hashes);
  }

  /** Returns the successors of a vertex, in trie order. */
  successors(vertex: number): Successors {
    let successors = this.#successors.get(vertex);
    if (successors === undefined) {
      successors = this.#findSuccessors(vertex);
      this.#successors.set(vertex, successors);
    }
    return successors;
  }

  /** Returns the subgraph that the vertices induce. */
  inducedSubgraph(vertices: Iterable<number>): OrderedGraph {
    return new OrderedGraph(this.#graph, this.#hashes, this.#relations, new Set(vertices));
  }

  #findSuccessors(vertex: number): Successors {
    const { start, to, relations } = this.#graph;
    const relationsTo = new Map<number, number>();
    const end = start[vertex + 1] as number;
    for (let edge = start[vertex] as number; edge < end; edge++) {
      const next = to[edge] as number;
      const kept = (relations[edge] as number) & this.#relations;
      if (kept !== 0 && this.#allowed?.has(next) !== false) relationsTo.set(next, kept);
    }
    const ordered = trieOrder([...relationsTo.keys()], this.#hashes);
    return { to: ordered, relations: ordered.map((next) => relationsTo.get(next) as number) };
  }
}
