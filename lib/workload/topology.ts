/**
 * Topologies: which nodes a broadcast test suggests as each other's neighbours. Nodes may ignore
 * them. The shapes, and the order of each node's neighbours, are Maelstrom's.
 *
 * @module
 */

/** The neighbours of each node. */
export type Topology = Record<string, string[]>;

/** Every node is the neighbour of the one before it and of the one after it. */
function line(nodes: readonly string[]): Topology {
  if (nodes.length < 2) return {};
  return Object.fromEntries(
    nodes.map((node, index) => [node, present(nodes, [index - 1, index + 1])]),
  );
}

/** Rows of about √n nodes; neighbours stand below, above, right and left. */
function grid(nodes: readonly string[]): Topology {
  const side = Math.ceil(Math.sqrt(nodes.length));
  return Object.fromEntries(nodes.map((node, index) => {
    const column = index % side;
    const right = column + 1 < side ? index + 1 : -1;
    const left = column > 0 ? index - 1 : -1;
    return [node, present(nodes, [index + side, index - side, right, left])];
  }));
}

/** Everybody is everybody's neighbour. */
function total(nodes: readonly string[]): Topology {
  return Object.fromEntries(
    nodes.map((node) => [node, nodes.filter((other) => other !== node)]),
  );
}

/** A tree, filled level by level: a node's neighbours are its parent, if any, and its children. */
function tree(branches: number): (nodes: readonly string[]) => Topology {
  return (nodes) =>
    Object.fromEntries(nodes.map((node, index) => {
      const parent = index === 0 ? -1 : Math.floor((index - 1) / branches);
      const children = Array.from({ length: branches }, (_, child) => index * branches + child + 1);
      return [node, present(nodes, [parent, ...children])];
    }));
}

/** The nodes at those of the indices that there are. */
function present(nodes: readonly string[], indices: readonly number[]): string[] {
  return indices.flatMap((index) => nodes[index] ?? []);
}

const topologies: ReadonlyMap<string, (nodes: readonly string[]) => Topology> = new Map([
  ["line", line],
  ["grid", grid],
  ["tree", tree(2)],
  ["tree2", tree(2)],
  ["tree3", tree(3)],
  ["tree4", tree(4)],
  ["total", total],
]);

/** The names of the topologies; `tree` is `tree2`. */
export const TOPOLOGIES: readonly string[] = [...topologies.keys()];

/** The topology of this name over the nodes. Throws a RangeError when there is none of the name. */
export function topologyOf(name: string, nodes: readonly string[]): Topology {
  const shape = topologies.get(name);
  if (shape === undefined) {
    throw new RangeError(`there is no topology called ${name}; there are ${TOPOLOGIES.join(", ")}`);
  }
  return shape(nodes);
}
