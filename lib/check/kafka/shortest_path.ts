/**
 * Shortest paths in a dependency graph, to report the shortest cycle through an edge.
 *
 * @module
 */

import type { DependencyGraph } from "../txn/dependency_graph.ts";

/**
 * Returns a shortest path between two vertices, both included, over edges with any of `relations`
 * and through vertices of `allowed`; undefined without such a path. Breadth-first, in linear time.
 */
export function shortestPath(
  graph: DependencyGraph,
  relations: number,
  from: number,
  to: number,
  allowed: ReadonlySet<number>,
): number[] | undefined {
  const cameFrom = new Map<number, number>();
  let frontier = [from];
  while (frontier.length > 0) {
    const next: number[] = [];
    for (const vertex of frontier) {
      const end = graph.start[vertex + 1] as number;
      for (let edge = graph.start[vertex] as number; edge < end; edge++) {
        const successor = graph.to[edge] as number;
        if (((graph.relations[edge] as number) & relations) === 0) continue;
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
