/**
 * The part of a component that has the relations a search is allowed to use, with its vertices and
 * each vertex's successors in the order of the visit.
 *
 * @module
 */

import type { DependencyGraph } from "./dependency_graph.ts";
import { trieOrder } from "./trie_order.ts";

/** Successors of a vertex and the relations of the edges to them, side by side. */
export interface Successors {
  readonly to: readonly number[];
  readonly relations: readonly number[];
}

/** A graph as a search sees it. Successors are put in order when they are first asked for. */
export class OrderedGraph {
  readonly #graph: DependencyGraph;
  readonly #hashes: Int32Array;
  readonly #relations: number;
  readonly #allowed: ReadonlySet<number> | undefined;
  readonly #successors = new Map<number, Successors>();

  /**
   * The edges of `graph` with any of `relations`, without their other relations; only those between
   * the `allowed` vertices if these are given. `hashes` are the vertices' places in the order.
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

  /** The vertices that have an edge, in the order of the visit. */
  vertices(): readonly number[] {
    const { size, start, to, relations } = this.#graph;
    const touched = new Uint8Array(size);
    for (let vertex = 0; vertex < size; vertex++) {
      const end = start[vertex + 1] as number;
      for (let edge = start[vertex] as number; edge < end; edge++) {
        if (((relations[edge] as number) & this.#relations) === 0) continue;
        touched[vertex] = touched[to[edge] as number] = 1;
      }
    }
    const vertices: number[] = [];
    touched.forEach((flag, vertex) => flag === 1 && vertices.push(vertex));
    return trieOrder(vertices, this.#hashes);
  }

  /** The vertices that can be reached in one step, in the order of the visit. */
  successors(vertex: number): Successors {
    let known = this.#successors.get(vertex);
    if (known === undefined) {
      known = this.#findSuccessors(vertex);
      this.#successors.set(vertex, known);
    }
    return known;
  }

  /** The same graph without all vertices but these. */
  inducedSubgraph(vertices: Iterable<number>): OrderedGraph {
    return new OrderedGraph(this.#graph, this.#hashes, this.#relations, new Set(vertices));
  }

  #findSuccessors(vertex: number): Successors {
    const { start, to, relations } = this.#graph;
    const found = new Map<number, number>();
    const end = start[vertex + 1] as number;
    for (let edge = start[vertex] as number; edge < end; edge++) {
      const next = to[edge] as number;
      const kept = (relations[edge] as number) & this.#relations;
      if (kept !== 0 && this.#allowed?.has(next) !== false) found.set(next, kept);
    }
    const ordered = trieOrder([...found.keys()], this.#hashes);
    return { to: ordered, relations: ordered.map((next) => found.get(next) as number) };
  }
}
