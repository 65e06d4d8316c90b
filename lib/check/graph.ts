/**
 * What checkers need of graphs whose vertices are numbered from 0: where the cycles are, and a
 * shortest way from one vertex to another.
 *
 * Tarjan's algorithm ("Depth-first search and linear graph algorithms", SIAM J. Comput. 1972), with
 * its own stack instead of recursion, for a run's dependency graph can be one path of 10⁵ vertices.
 *
 * @module
 */

/** The vertices that edges from `vertex` lead to; the same answer each time. */
export type Successors = (vertex: number) => readonly number[];

/**
 * The strongly connected components that contain a cycle: those of two vertices and more, and single
 * vertices with an edge to themselves. Only `vertices`, and edges between them, count. Each
 * component's vertices ascend, and components stand in the order of their first vertex. Linear time.
 */
export function cyclicComponents(vertices: Iterable<number>, successors: Successors): number[][] {
  const allowed = new Set(vertices);
  const search = new ComponentSearch(allowed, successors);
  for (const vertex of allowed) search.from(vertex);
  const cyclic = search.components.filter((component) =>
    component.length > 1 || component.some((vertex) => successors(vertex).includes(vertex))
  );
  for (const component of cyclic) component.sort((a, b) => a - b);
  return cyclic.sort((a, b) => (a[0] as number) - (b[0] as number));
}

/**
 * A shortest path from one vertex to another through vertices of `allowed`, both ends included;
 * undefined where there is none. From a vertex to itself: a shortest cycle.
 */
export function shortestPath(
  from: number,
  to: number,
  successors: Successors,
  allowed: ReadonlySet<number>,
): number[] | undefined {
  const cameFrom = new Map<number, number>();
  let frontier = [from];
  while (frontier.length > 0) {
    const next: number[] = [];
    for (const vertex of frontier) {
      for (const successor of successors(vertex)) {
        if (!allowed.has(successor) || cameFrom.has(successor)) continue;
        cameFrom.set(successor, vertex);
        if (successor === to) return pathBack(from, to, cameFrom);
        next.push(successor);
      }
    }
    frontier = next;
  }
  return undefined;
}

function pathBack(from: number, to: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [to];
  let vertex = cameFrom.get(to) as number;
  while (vertex !== from) {
    path.push(vertex);
    vertex = cameFrom.get(vertex) as number;
  }
  path.push(from);
  return path.reverse();
}

/** A vertex under exploration and the place of the next of its successors. */
interface Frame {
  readonly vertex: number;
  readonly successors: readonly number[];
  next: number;
}

class ComponentSearch {
  readonly components: number[][] = [];
  readonly #allowed: ReadonlySet<number>;
  readonly #successors: Successors;
  readonly #order = new Map<number, number>();
  readonly #lowest = new Map<number, number>();
  readonly #open: number[] = [];
  readonly #isOpen = new Set<number>();

  constructor(allowed: ReadonlySet<number>, successors: Successors) {
    this.#allowed = allowed;
    this.#successors = successors;
  }

  from(root: number): void {
    if (this.#order.has(root)) return;
    const frames = [this.#enter(root)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const successor = frame.successors[frame.next++];
      if (successor === undefined) {
        frames.pop();
        const parent = frames.at(-1);
        if (parent !== undefined) this.#lower(parent.vertex, this.#lowestOf(frame.vertex));
        this.#closeIfRoot(frame.vertex);
      } else if (this.#allowed.has(successor)) {
        const order = this.#order.get(successor);
        if (order === undefined) frames.push(this.#enter(successor));
        else if (this.#isOpen.has(successor)) this.#lower(frame.vertex, order);
      }
    }
  }

  #enter(vertex: number): Frame {
    const order = this.#order.size;
    this.#order.set(vertex, order);
    this.#lowest.set(vertex, order);
    this.#open.push(vertex);
    this.#isOpen.add(vertex);
    return { vertex, successors: this.#successors(vertex), next: 0 };
  }

  #lowestOf(vertex: number): number {
    return this.#lowest.get(vertex) as number;
  }

  #lower(vertex: number, order: number): void {
    if (order < this.#lowestOf(vertex)) this.#lowest.set(vertex, order);
  }

  #closeIfRoot(vertex: number): void {
    if (this.#lowestOf(vertex) !== this.#order.get(vertex)) return;
    const component: number[] = [];
    for (;;) {
      const member = this.#open.pop() as number;
      this.#isOpen.delete(member);
      component.push(member);
      if (member === vertex) break;
    }
    this.components.push(component);
  }
}
