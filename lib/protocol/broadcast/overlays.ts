/**
 * Overlay networks: which nodes are neighbours. Each node computes them from the list of all nodes,
 * which is the same on every node.
 *
 * @module
 */

/**
 * Returns a node's neighbours in a grid of √n columns: the nodes beside, above and below it. It is
 * Maelstrom's default topology.
 */
export function gridNeighbours(nodes: readonly string[], id: string): string[] {
  const side = Math.ceil(Math.sqrt(nodes.length));
  const index = nodes.indexOf(id);
  const column = index % side;
  return present(nodes, [
    index - side,
    index + side,
    ...(column > 0 ? [index - 1] : []),
    ...(column + 1 < side ? [index + 1] : []),
  ]);
}

/**
 * Returns a node's neighbours in a tree that is filled level by level: its parent and at most
 * `branches` children.
 */
export function treeNeighbours(nodes: readonly string[], id: string, branches: number): string[] {
  const index = nodes.indexOf(id);
  const parent = index === 0 ? [] : [Math.floor((index - 1) / branches)];
  const children = Array.from({ length: branches }, (_, child) => index * branches + child + 1);
  return present(nodes, [...parent, ...children]);
}

/**
 * Returns a node's neighbours in a ring with chords (a circulant graph). Each node has `degree`
 * neighbours, rounded up to an even number: those at distances 1, n^(1/k), n^(2/k), … on both
 * sides, where k = degree / 2. Paths are short, as in a random graph, and every node computes the
 * same graph.
 */
export function ringNeighbours(nodes: readonly string[], id: string, degree: number): string[] {
  const count = nodes.length;
  const index = nodes.indexOf(id);
  const chords = Math.ceil(degree / 2);
  const distances = Array.from({ length: chords }, (_, k) => Math.round(count ** (k / chords)));
  const around = distances.flatMap((distance) => [index + distance, index - distance + count]);
  const others = new Set(around.map((other) => other % count));
  others.delete(index);
  return present(nodes, [...others]);
}

/** Returns the nodes at the valid indices. */
function present(nodes: readonly string[], indices: readonly number[]): string[] {
  return indices.flatMap((index) => nodes[index] ?? []);
}
