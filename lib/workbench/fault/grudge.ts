/**
 * Grudges, and the shapes of partitions, which are Jepsen's.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { shuffleNodes } from "./targets.ts";

/** Jepsen's grudge: maps a receiver to the senders whose messages it drops. */
export type Grudge = Readonly<Record<string, readonly string[]>>;

/** The shapes of Jepsen's partitions. */
export const PARTITION_SHAPES = [
  "one",
  "minority-third",
  "majority",
  "majorities-ring",
] as const;

/** The shape of a partition. */
export type PartitionShape = typeof PARTITION_SHAPES[number];

/** The shapes of one-way partitions, in which messages pass in the opposite direction. */
export const ONE_WAY_SHAPES = [
  /** One node receives no messages. */
  "deaf",
  /** All other nodes drop the messages of one node. */
  "mute",
  /** One node drops the messages of one other node. */
  "link",
  /** One half of the nodes drops the messages of the other half. */
  "half",
] as const;

/** The shape of a one-way partition. */
export type OneWayShape = typeof ONE_WAY_SHAPES[number];

/**
 * Generates a grudge that affects one direction of a link at most, and links of `node` if it is given.
 * Empty for a single node.
 */
export function generateOneWayGrudge(
  shape: OneWayShape,
  nodes: readonly string[],
  random: Random,
  node?: string,
): Grudge {
  const shuffled = shuffleNodes(nodes, random, node);
  const [first, second] = shuffled;
  if (first === undefined || second === undefined) return {};
  const half = Math.ceil(nodes.length / 2);
  switch (shape) {
    case "deaf":
      return { [first]: shuffled.slice(1) };
    case "mute":
      return Object.fromEntries(shuffled.slice(1).map((node) => [node, [first]]));
    case "link":
      return { [first]: [second] };
    case "half":
      return Object.fromEntries(
        shuffled.slice(0, half).map((node) => [node, shuffled.slice(half)]),
      );
  }
}

/** Returns the part of a grudge that concerns these nodes. */
export function restrictGrudge(grudge: Grudge, nodes: readonly string[]): Grudge {
  return Object.fromEntries(
    Object.entries(grudge)
      .filter(([receiver]) => nodes.includes(receiver))
      .map(([receiver, senders]) => [
        receiver,
        senders.filter((sender) => nodes.includes(sender)),
      ]),
  );
}

/** Generates a grudge of a shape among the nodes; with `node` on the smaller side, if it is given. */
export function generateGrudge(
  shape: PartitionShape,
  nodes: readonly string[],
  random: Random,
  node?: string,
): Grudge {
  const shuffled = shuffleNodes(nodes, random, node);
  switch (shape) {
    case "one":
      return split(shuffled, 1);
    case "majority":
      return split(shuffled, Math.floor(nodes.length / 2));
    case "minority-third":
      return split(shuffled, Math.floor((nodes.length - 1) / 3));
    case "majorities-ring":
      return nodes.length <= 5 ? exactRing(shuffled) : randomRing(nodes, random);
  }
}

/** Partitions the nodes into the first `count` nodes and the rest, in both directions. */
function split(nodes: readonly string[], count: number): Grudge {
  const sides = [nodes.slice(0, count), nodes.slice(count)] as const;
  return Object.fromEntries([
    ...sides[0].map((node) => [node, sides[1]] as const),
    ...sides[1].map((node) => [node, sides[0]] as const),
  ]);
}

/**
 * Each node receives from the majority around it in a ring. With three nodes a majority is two, so
 * every link is partitioned in one direction.
 */
function exactRing(ring: readonly string[]): Grudge {
  const majority = Math.floor(ring.length / 2) + 1;
  return Object.fromEntries(ring.map((_, start) => {
    const senders = Array.from(
      { length: majority },
      (_, step) => ring[(start + step) % ring.length],
    );
    const receiver = senders[Math.floor(majority / 2)] as string;
    return [receiver, ring.filter((node) => !senders.includes(node))];
  }));
}

/**
 * For more than five nodes: adds links between nodes of the lowest degree until each node has a
 * majority. The result is not always a ring, but two nodes rarely have the same majority.
 */
function randomRing(nodes: readonly string[], random: Random): Grudge {
  const majority = Math.floor(nodes.length / 2) + 1;
  const linked = new Map(nodes.map((node) => [node, new Set([node])]));
  const degree = (node: string) => (linked.get(node) as Set<string>).size;
  for (;;) {
    const byDegree = random.shuffle(nodes).sort((a, b) => degree(a) - degree(b));
    const lowest = byDegree[0];
    if (lowest === undefined || degree(lowest) >= majority) break;
    const neighbours = linked.get(lowest) as Set<string>;
    const added = byDegree.find((node) => !neighbours.has(node)) as string;
    neighbours.add(added);
    (linked.get(added) as Set<string>).add(lowest);
  }
  return Object.fromEntries(
    nodes.map((node) => [node, nodes.filter((other) => !linked.get(node)?.has(other))]),
  );
}
