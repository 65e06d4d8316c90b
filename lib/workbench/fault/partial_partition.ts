/**
 * Partial partitions: some links between nodes lose all messages, in one or both directions, but
 * each node still reaches each other node by a path of working links (Alfatafta et al., "Toward a
 * Generic Fault Tolerance Technique for Partial Network Partitioning", OSDI 2020).
 *
 * The fault stays active until the end of the run. A protocol tolerates it only if nodes relay what
 * they receive: a node whose link to the sender is broken must receive an update from a third node.
 *
 * Invariant: the links that work in both directions connect all nodes, so that the graph of working
 * links is strongly connected, and an acknowledgement can return on each link of a path. One or two
 * nodes have no link to spare, so that their plan is empty.
 *
 * @module
 */

import { invariant, type Random } from "../../base/mod.ts";
import type { GeneratedPlan } from "./fault.ts";
import { type Grudge, restrictGrudge } from "./grudge.ts";

/** The shapes of partial partitions. */
export const PARTIAL_PARTITION_SHAPES = [
  /** One link loses its messages in both directions. */
  "link",
  /** One link loses its messages in one direction. */
  "one-way-link",
  /** Two halves reach each other through a single node, as in Jepsen's grudge `bridge`. */
  "bridge",
  /** The nodes form a line, and each node reaches its neighbours only. */
  "chain",
  /** All nodes reach each other through a single node. */
  "star",
  /** Each link outside of a random tree loses its messages in each direction by chance. */
  "random",
] as const;

/** The shape of a partial partition. */
export type PartialPartitionShape = typeof PARTIAL_PARTITION_SHAPES[number];

/** Whether the messages of a sender reach a receiver without another node in between. */
type WorkingLink = (sender: string, receiver: string) => boolean;

/** Generates the plan of a partial partition of a random shape. */
export function generatePartialPartition(
  nodes: readonly string[],
  random: Random,
): GeneratedPlan<Grudge> {
  const shape = random.pick(PARTIAL_PARTITION_SHAPES);
  return { value: shape, plan: generatePartialGrudge(shape, nodes, random) };
}

/** Generates a grudge of a shape; empty for fewer than three nodes. */
export function generatePartialGrudge(
  shape: PartialPartitionShape,
  nodes: readonly string[],
  random: Random,
): Grudge {
  if (nodes.length < 3) return {};
  const shuffled = random.shuffle(nodes);
  const works = workingLinks(shape, shuffled, random);
  const grudge = Object.fromEntries(
    nodes.map((receiver) => {
      const dropped = nodes.filter((sender) => sender !== receiver && !works(sender, receiver));
      return [receiver, dropped] as const;
    }).filter(([, senders]) => senders.length > 0),
  );
  invariant(
    unreachableNode(grudge, nodes) === undefined,
    "a partial partition leaves a path between each two nodes",
  );
  return grudge;
}

function workingLinks(
  shape: PartialPartitionShape,
  shuffled: readonly string[],
  random: Random,
): WorkingLink {
  const places = new Map(shuffled.map((node, place) => [node, place]));
  const last = shuffled.length - 1;
  const atPlaces =
    (works: (sender: number, receiver: number) => boolean): WorkingLink => (sender, receiver) =>
      works(places.get(sender) as number, places.get(receiver) as number);
  switch (shape) {
    case "link":
      return atPlaces((sender, receiver) => sender + receiver !== 1);
    case "one-way-link":
      return atPlaces((sender, receiver) => sender !== 0 || receiver !== 1);
    case "bridge": {
      const middle = last >> 1;
      return atPlaces((sender, receiver) =>
        sender === middle || receiver === middle || (sender < middle) === (receiver < middle)
      );
    }
    case "chain":
      return atPlaces((sender, receiver) => Math.abs(sender - receiver) === 1);
    case "star":
      return atPlaces((sender, receiver) => sender === 0 || receiver === 0);
    case "random":
      return randomLinks(shuffled, random);
  }
}

/** Returns random links, among them those of a random tree in both directions. */
function randomLinks([root, ...others]: readonly string[], random: Random): WorkingLink {
  const kept = new Set<string>();
  const joined = [root as string];
  for (const node of others) {
    const parent = random.pick(joined);
    kept.add(linkName(parent, node)).add(linkName(node, parent));
    joined.push(node);
  }
  const probability = random.pick([0.2, 0.5, 0.9]);
  return (sender, receiver) => kept.has(linkName(sender, receiver)) || !random.chance(probability);
}

function linkName(sender: string, receiver: string): string {
  return `${sender} ${receiver}`;
}

/** Returns the problem of a grudge that leaves a node without a path from the others. */
export function partialGrudgeProblem(
  grudge: Grudge,
  nodes: readonly string[],
): string | undefined {
  const node = unreachableNode(grudge, nodes);
  if (node === undefined) return undefined;
  return "the plan of partial-partition must leave paths of links that work in both directions, " +
    `got none between ${nodes[0]} and ${node}; remove a sender, or use the fault partition`;
}

/**
 * Returns the part of a grudge that concerns these nodes. Where a path led through another node,
 * more links work, so that each node still reaches each other node.
 */
export function restrictPartialGrudge(grudge: Grudge, nodes: readonly string[]): Grudge {
  const restricted = restrictGrudge(grudge, nodes);
  if (unreachableNode(restricted, nodes) === undefined) return restricted;
  let kept: Grudge = {};
  for (const [receiver, senders] of Object.entries(restricted)) {
    for (const sender of senders) {
      const more = { ...kept, [receiver]: [...kept[receiver] ?? [], sender] };
      if (unreachableNode(more, nodes) === undefined) kept = more;
    }
  }
  return kept;
}

/**
 * Returns a node to which no path leads from the first node over links that work in both directions;
 * undefined if there is none.
 */
function unreachableNode(grudge: Grudge, nodes: readonly string[]): string | undefined {
  const works: WorkingLink = (sender, receiver) => grudge[receiver]?.includes(sender) !== true;
  const unreached = new Set(nodes.slice(1));
  const pending = nodes.slice(0, 1);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const other of unreached) {
      if (!works(node, other) || !works(other, node)) continue;
      unreached.delete(other);
      pending.push(other);
    }
  }
  return [...unreached][0];
}
