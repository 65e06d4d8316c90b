/**
 * A directed graph over dense integers whose edges are labelled with sets of relations. Over
 * transactions it is Adya's direct serialization graph (DSG), as far as Elle infers it, with
 * process and real-time edges. It is stored as compressed sparse rows, so that millions of edges
 * fit in little memory.
 *
 * @module
 */

/** A list of edges that a graph is built from; the same edge may be added several times. */
export class EdgeList {
  #from = new Int32Array(1024);
  #to = new Int32Array(1024);
  #relations = new Uint8Array(1024);
  #count = 0;

  /** The number of edges added. */
  get count(): number {
    return this.#count;
  }

  /** Adds an edge with a set of relations. */
  add(from: number, to: number, relations: number): void {
    if (this.#count === this.#from.length) this.#grow();
    this.#from[this.#count] = from;
    this.#to[this.#count] = to;
    this.#relations[this.#count] = relations;
    this.#count++;
  }

  /** Returns the source of the edge that was added as number `edge`, counted from 0. */
  from(edge: number): number {
    return this.#from[edge] as number;
  }

  /** Returns the target of the edge that was added as number `edge`, counted from 0. */
  to(edge: number): number {
    return this.#to[edge] as number;
  }

  /** Builds a graph with `size` vertices from the edges. */
  toGraph(size: number): DependencyGraph {
    const start = new Int32Array(size + 1);
    for (let edge = 0; edge < this.#count; edge++) (start[this.from(edge) + 1] as number)++;
    for (let vertex = 0; vertex < size; vertex++) {
      start[vertex + 1] = (start[vertex + 1] as number) + (start[vertex] as number);
    }
    const next = start.slice(0, size);
    const to = new Int32Array(this.#count);
    const relations = new Uint8Array(this.#count);
    for (let edge = 0; edge < this.#count; edge++) {
      const index = (next[this.from(edge)] as number)++;
      to[index] = this.#to[edge] as number;
      relations[index] = this.#relations[edge] as number;
    }
    return { size, start, to, relations };
  }

  #grow(): void {
    const capacity = this.#from.length * 2;
    this.#from = copied(this.#from, new Int32Array(capacity));
    this.#to = copied(this.#to, new Int32Array(capacity));
    this.#relations = copied(this.#relations, new Uint8Array(capacity));
  }
}

function copied<T extends Int32Array | Uint8Array>(source: T, target: T): T {
  target.set(source);
  return target;
}

/** A graph in compressed sparse rows. */
export interface DependencyGraph {
  /** The number of vertices. */
  readonly size: number;
  /** The edges that leave vertex v are numbered `start[v]` to `start[v + 1] - 1`. */
  readonly start: Int32Array;
  /** Per edge: its target. */
  readonly to: Int32Array;
  /** Per edge: its set of relations. */
  readonly relations: Uint8Array;
}

/**
 * Returns the subgraph that `vertices` induce, with the vertices renumbered in the order given.
 * Parallel edges are merged into one edge with all their relations. `numberOf` is scratch space: it
 * has an entry for each vertex of `graph`, and each entry is −1 before and after the call.
 */
export function inducedSubgraph(
  graph: DependencyGraph,
  vertices: Int32Array,
  numberOf: Int32Array,
): DependencyGraph {
  vertices.forEach((vertex, number) => numberOf[vertex] = number);
  const start = new Int32Array(vertices.length + 1);
  const to: number[] = [];
  const relations: number[] = [];
  const edgeTo = new Int32Array(vertices.length).fill(-1);
  vertices.forEach((vertex, number) => {
    const first = to.length;
    const end = graph.start[vertex + 1] as number;
    for (let edge = graph.start[vertex] as number; edge < end; edge++) {
      const target = numberOf[graph.to[edge] as number] as number;
      if (target < 0) continue;
      const merged = edgeTo[target] as number;
      if (merged >= first) {
        relations[merged] = (relations[merged] as number) | (graph.relations[edge] as number);
      } else {
        edgeTo[target] = to.length;
        to.push(target);
        relations.push(graph.relations[edge] as number);
      }
    }
    start[number + 1] = to.length;
  });
  vertices.forEach((vertex) => numberOf[vertex] = -1);
  return {
    size: vertices.length,
    start,
    to: Int32Array.from(to),
    relations: Uint8Array.from(relations),
  };
}
