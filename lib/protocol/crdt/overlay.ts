/**
 * The overlay of anti-entropy: a graph with few links and short paths, which every node computes
 * from the list of nodes.
 *
 * @module
 */

/** In a cluster of at most this size, each node is a neighbour of every other. */
const MAX_FULL_MESH_NODES = 5;

/**
 * Returns the neighbours of a node. In a small cluster they are all other nodes. In a larger one
 * they are the nodes at distances 1, 2, 4, … in the ring of all nodes, in both directions: Chord's
 * fingers (Stoica et al. 2001), made symmetric. A node has at most 2·log₂ n neighbours, and no path
 * is longer than log₂ n.
 *
 * ```ts
 * overlayNeighbours("n0", ["n0", "n1", "n2", "n3", "n4", "n5"]); // ["n1", "n5", "n2", "n4"]
 * ```
 */
export function overlayNeighbours(id: string, nodes: readonly string[]): string[] {
  if (nodes.length <= MAX_FULL_MESH_NODES) return nodes.filter((node) => node !== id);
  const self = nodes.indexOf(id);
  const neighbours = new Set<string>();
  for (let distance = 1; distance <= nodes.length / 2; distance *= 2) {
    neighbours.add(nodes[(self + distance) % nodes.length] as string);
    neighbours.add(nodes[(self - distance + nodes.length) % nodes.length] as string);
  }
  neighbours.delete(id);
  return [...neighbours];
}
