/**
 * Topological order and reachability of small graphs, whose edges are pairs of vertices in one list.
 *
 * @module
 */

/** A graph in compressed sparse rows, and its vertices in an order in which all edges lead forward. */
export interface SortedGraph {
  readonly order: Int32Array;
  /** The edges that leave vertex v are numbered `start[v]` to `start[v + 1] - 1`. */
  readonly start: Int32Array;
  /** Per edge: its target. */
  readonly to: Int32Array;
}

/** Whether a path of at least one edge leads from one vertex to another. */
export type Reaches = (from: number, to: number) => boolean;

/** Sorts the vertices of a graph topologically; undefined if the graph has a cycle. */
export function sortTopologically(
  size: number,
  edges: readonly number[],
): SortedGraph | undefined {
  const start = new Int32Array(size + 1);
  const waitsFor = new Int32Array(size);
  for (let edge = 0; edge < edges.length; edge += 2) {
    (start[(edges[edge] as number) + 1] as number)++;
    (waitsFor[edges[edge + 1] as number] as number)++;
  }
  for (let vertex = 0; vertex < size; vertex++) {
    start[vertex + 1] = (start[vertex + 1] as number) + (start[vertex] as number);
  }
  const next = start.slice(0, size);
  const to = new Int32Array(edges.length / 2);
  for (let edge = 0; edge < edges.length; edge += 2) {
    to[(next[edges[edge] as number] as number)++] = edges[edge + 1] as number;
  }
  const order = new Int32Array(size);
  let sorted = 0;
  for (let vertex = 0; vertex < size; vertex++) {
    if (waitsFor[vertex] === 0) order[sorted++] = vertex;
  }
  for (let at = 0; at < sorted; at++) {
    const vertex = order[at] as number;
    const end = start[vertex + 1] as number;
    for (let edge = start[vertex] as number; edge < end; edge++) {
      const target = to[edge] as number;
      if (--(waitsFor[target] as number) === 0) order[sorted++] = target;
    }
  }
  return sorted < size ? undefined : { order, start, to };
}

/**
 * Returns the reachability of a graph; undefined if the graph has a cycle. The cost is the number of
 * edges times a 32nd of the number of vertices.
 */
export function reachability(size: number, edges: readonly number[]): Reaches | undefined {
  const graph = sortTopologically(size, edges);
  if (graph === undefined) return undefined;
  const words = (size + 31) >>> 5;
  const rows = new Int32Array(size * words);
  for (let at = size - 1; at >= 0; at--) {
    const vertex = graph.order[at] as number;
    const row = vertex * words;
    const end = graph.start[vertex + 1] as number;
    for (let edge = graph.start[vertex] as number; edge < end; edge++) {
      const target = graph.to[edge] as number;
      const other = target * words;
      for (let word = 0; word < words; word++) {
        rows[row + word] = (rows[row + word] as number) | (rows[other + word] as number);
      }
      const word = row + (target >>> 5);
      rows[word] = (rows[word] as number) | (1 << (target & 31));
    }
  }
  return (from, to) => ((rows[from * words + (to >>> 5)] as number) & (1 << (to & 31))) !== 0;
}
