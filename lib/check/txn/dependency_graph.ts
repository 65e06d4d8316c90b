/**
 * A directed graph over dense integers whose edges carry sets of relations, kept in typed arrays so
 * that a hundred thousand transactions with millions of edges fit in a few megabytes.
 *
 * @module
 */

/** Collects edges one by one; the same edge may be added several times. */
export class EdgeList {
  #from = new Int32Array(1024);
  #to = new Int32Array(1024);
  #relations = new Uint8Array(1024);
  #count = 0;

  /** How many edges were added. */
  get count(): number {
    return this.#count;
  }

  add(from: number, to: number, relations: number): void {
    if (this.#count === this.#from.length) this.#grow();
    this.#from[this.#count] = from;
    this.#to[this.#count] = to;
    this.#relations[this.#count] = relations;
    this.#count++;
  }

  /** The source of the edge that was added as number `edge`. */
  from(edge: number): number {
    return this.#from[edge] as number;
  }

  /** The edges of a graph of `size` vertices, by their source. */
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
      const place = (next[this.from(edge)] as number)++;
      to[place] = this.#to[edge] as number;
      relations[place] = this.#relations[edge] as number;
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

/** A graph: the edges from vertex v are those numbered `start[v]` to `start[v + 1] - 1`. */
export interface DependencyGraph {
  readonly size: number;
  readonly start: Int32Array;
  readonly to: Int32Array;
  readonly relations: Uint8Array;
}

/**
 * The part of a graph between the given vertices, which are numbered anew in the order given.
 * Several edges between the same two vertices become one with all their relations. `numberOf` is
 * scratch space of the size of the graph, filled with −1, and is left so.
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
  const placeOf = new Int32Array(vertices.length).fill(-1);
  vertices.forEach((vertex, number) => {
    const first = to.length;
    const end = graph.start[vertex + 1] as number;
    for (let edge = graph.start[vertex] as number; edge < end; edge++) {
      const target = numberOf[graph.to[edge] as number] as number;
      if (target < 0) continue;
      const place = placeOf[target] as number;
      if (place >= first) {
        relations[place] = (relations[place] as number) | (graph.relations[edge] as number);
      } else {
        placeOf[target] = to.length;
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
