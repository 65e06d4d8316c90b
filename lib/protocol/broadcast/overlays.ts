/**
 * Who is whose neighbour: shapes that every node works out for itself from the list of all nodes,
 * which is the same on each.
 *
 * @module
 */

/**
 * Rows of √n nodes, each a neighbour of those beside, above and below it: the topology that
 * Maelstrom suggests unless told otherwise.
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

/** A tree filled level by level: the neighbours are the parent and at most `branches` children. */
export function treeNeighbours(nodes: readonly string[], id: string, branches: number): string[] {
  const index = nodes.indexOf(id);
  const parent = index === 0 ? [] : [Math.floor((index - 1) / branches)];
  const children = Array.from({ length: branches }, (_, child) => index * branches + child + 1);
  return present(nodes, [...parent, ...children]);
}

/**
 * A ring with chords (a circulant graph): each node has `degree` neighbours, rounded up to an even
 * number, at distances 1, n^(1/k), n^(2/k), … on either side, where k = degree / 2. So few hops
 * lead from anywhere to anywhere, as in a random graph, but everybody knows the same one.
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

/** The nodes at those of the indices that there are. */
function present(nodes: readonly string[], indices: readonly number[]): string[] {
  return indices.flatMap((index) => nodes[index] ?? []);
}
