/**
 * Topologies: which nodes a broadcast test suggests as each other's neighbours. Nodes may ignore
 * the suggestion. The shapes, and the order of each node's neighbours, are Maelstrom's.
 *
 * @module
 */

/** The ids of each node's neighbours, by node id. */
export type Topology = Record<string, string[]>;

/** A chain: the neighbours of a node are the previous and the next node. */
function line(nodes: readonly string[]): Topology {
  if (nodes.length < 2) return {};
  return Object.fromEntries(
    nodes.map((node, index) => [node, nodesAt(nodes, [index - 1, index + 1])]),
  );
}

/** Rows of ⌈√n⌉ nodes: the neighbours of a node are below, above, right and left of it. */
function grid(nodes: readonly string[]): Topology {
  const side = Math.ceil(Math.sqrt(nodes.length));
  return Object.fromEntries(nodes.map((node, index) => {
    const column = index % side;
    const right = column + 1 < side ? index + 1 : -1;
    const left = column > 0 ? index - 1 : -1;
    return [node, nodesAt(nodes, [index + side, index - side, right, left])];
  }));
}

/** A complete graph: the neighbours of a node are all other nodes. */
function total(nodes: readonly string[]): Topology {
  return Object.fromEntries(
    nodes.map((node) => [node, nodes.filter((other) => other !== node)]),
  );
}

/** A tree, filled level by level: the neighbours of a node are its parent and its children. */
function tree(branches: number): (nodes: readonly string[]) => Topology {
  return (nodes) =>
    Object.fromEntries(nodes.map((node, index) => {
      const parent = index === 0 ? -1 : Math.floor((index - 1) / branches);
      const children = Array.from({ length: branches }, (_, child) => index * branches + child + 1);
      return [node, nodesAt(nodes, [parent, ...children])];
    }));
}

/** Returns the nodes at some indices. Indices out of range are skipped. */
function nodesAt(nodes: readonly string[], indices: readonly number[]): string[] {
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

/** The names of the topologies. `tree` is the same as `tree2`. */
export const TOPOLOGIES: readonly string[] = [...topologies.keys()];

/**
 * Returns the topology with this name over some nodes.
 *
 * @throws {RangeError} The name is not in {@link TOPOLOGIES}.
 */
export function topologyOf(name: string, nodes: readonly string[]): Topology {
  const shape = topologies.get(name);
  if (shape === undefined) throw new RangeError(topologyProblem(name));
  return shape(nodes);
}

/** Describes what is wrong with the name of a topology; undefined for a valid name. */
export function topologyProblem(name: string): string | undefined {
  if (topologies.has(name)) return undefined;
  return `unknown topology "${name}"; choose one of ${TOPOLOGIES.join(", ")}`;
}
