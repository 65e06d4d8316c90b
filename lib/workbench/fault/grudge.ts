/**
 * Grudges: who refuses messages from whom. The shapes are those of Jepsen's partitions.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";

/** By receiver, the senders whose messages it drops. */
export type Grudge = Readonly<Record<string, readonly string[]>>;

/** The shapes that a partition can take. */
export const PARTITION_SHAPES = [
  "one",
  "minority-third",
  "majority",
  "majorities-ring",
] as const;

/** The shape of a partition. */
export type PartitionShape = typeof PARTITION_SHAPES[number];

/** The shapes of partitions in which one side still hears the other. */
export const ONE_WAY_SHAPES = [
  /** One node hears nobody. */
  "deaf",
  /** One node is heard by nobody. */
  "mute",
  /** One node does not hear one other. */
  "link",
  /** One half does not hear the other. */
  "half",
] as const;

/** The shape of a one-way partition. */
export type OneWayShape = typeof ONE_WAY_SHAPES[number];

/** Draws a grudge in which messages pass in one direction, if any. Empty for a single node. */
export function generateOneWayGrudge(
  shape: OneWayShape,
  nodes: readonly string[],
  random: Random,
): Grudge {
  const shuffled = random.shuffle(nodes);
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

/** The part of a grudge that concerns these nodes. */
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

/** Draws a grudge of a shape among the nodes. */
export function generateGrudge(
  shape: PartitionShape,
  nodes: readonly string[],
  random: Random,
): Grudge {
  const shuffled = random.shuffle(nodes);
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

/** The first `count` nodes on one side, the others on the other; nobody hears the other side. */
function split(nodes: readonly string[], count: number): Grudge {
  const sides = [nodes.slice(0, count), nodes.slice(count)] as const;
  return Object.fromEntries([
    ...sides[0].map((node) => [node, sides[1]] as const),
    ...sides[1].map((node) => [node, sides[0]] as const),
  ]);
}

/**
 * Each node hears the majority around it in a ring. With three nodes a majority is two, so that
 * every link is cut in one direction.
 */
function exactRing(ring: readonly string[]): Grudge {
  const majority = Math.floor(ring.length / 2) + 1;
  return Object.fromEntries(ring.map((_, start) => {
    const heard = Array.from({ length: majority }, (_, step) => ring[(start + step) % ring.length]);
    const listener = heard[Math.floor(majority / 2)] as string;
    return [listener, ring.filter((node) => !heard.includes(node))];
  }));
}

/**
 * For more than five nodes: links are added between nodes that have the fewest, until each has a
 * majority. Not always a ring, but no two nodes tend to hear the same majority.
 */
function randomRing(nodes: readonly string[], random: Random): Grudge {
  const majority = Math.floor(nodes.length / 2) + 1;
  const heard = new Map(nodes.map((node) => [node, new Set([node])]));
  const degree = (node: string) => (heard.get(node) as Set<string>).size;
  for (;;) {
    const byDegree = random.shuffle(nodes).sort((a, b) => degree(a) - degree(b));
    const poorest = byDegree[0];
    if (poorest === undefined || degree(poorest) >= majority) break;
    const known = heard.get(poorest) as Set<string>;
    const other = byDegree.find((node) => !known.has(node)) as string;
    known.add(other);
    (heard.get(other) as Set<string>).add(poorest);
  }
  return Object.fromEntries(
    nodes.map((node) => [node, nodes.filter((other) => !heard.get(node)?.has(other))]),
  );
}
