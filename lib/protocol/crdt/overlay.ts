/**
 * Who gossips with whom: a graph of few links and short paths that every node computes alike.
 *
 * @module
 */

/** Up to so many nodes everybody gossips with everybody. */
const FULL_MESH_UP_TO = 5;

/**
 * The neighbours of a node: all others in a small cluster, else those at distances 1, 2, 4, … in the
 * ring of all nodes, in both directions (Chord's fingers, made symmetric). There are at most
 * 2·log₂ n of them, and no path is longer than log₂ n.
 */
export function overlayNeighbours(id: string, nodes: readonly string[]): string[] {
  if (nodes.length <= FULL_MESH_UP_TO) return nodes.filter((node) => node !== id);
  const self = nodes.indexOf(id);
  const neighbours = new Set<string>();
  for (let distance = 1; distance <= nodes.length / 2; distance *= 2) {
    neighbours.add(nodes[(self + distance) % nodes.length] as string);
    neighbours.add(nodes[(self - distance + nodes.length) % nodes.length] as string);
  }
  neighbours.delete(id);
  return [...neighbours];
}
