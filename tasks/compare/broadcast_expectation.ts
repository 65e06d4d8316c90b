/**
 * How many messages between servers broadcast should take, on paper: from the number of nodes, the
 * links between them and the mix of writes and reads. To stand beside what is measured.
 *
 * Some strategies send so much for each value, others so much for each interval that has news, and
 * most acknowledge what no other message acknowledges in time. Either way the sum is divided by all operations,
 * reads included, as Maelstrom does: a strategy that costs a message for each value costs half of
 * one for each operation when half of the operations are reads.
 *
 * Not counted is what depends on the order in which things happen to come: greetings, questions,
 * repetitions, and which of two nodes that acknowledge each other is the first. Latencies are taken to
 * be constant: where they vary leaves of a hub do not wait for its flush, and what is late is repeated.
 *
 * @module
 */

import { ringNeighbours, treeNeighbours } from "../../lib/protocol/broadcast/mod.ts";
import { topologyOf } from "../../lib/workload/mod.ts";
import { acknowledgements, integral, paced, spellsOf } from "./broadcast_spells.ts";

/** The work that was done. */
export interface BroadcastWork {
  readonly nodes: readonly string[];
  /** The topology that the test suggests. */
  readonly topology: string;
  /** Milliseconds that a message takes at least. */
  readonly leastLatency: number;
  /** Operations in all, and those of them that said a value. */
  readonly operations: number;
  readonly values: number;
  /** How long values were said. */
  readonly seconds: number;
}

/** Seconds between two of what a strategy sends regularly. */
export interface Pace {
  readonly interval: number;
}

/** Messages of a strategy on some work. */
export type Expectation = (work: BroadcastWork, pace: Pace) => number;

/** Those of the node's defaults that matter here; times in milliseconds. */
export const NODE_DEFAULTS = {
  "ack-after": 150,
  "ack-longest": 1000,
  "keep-alive": 2000,
  quiet: 200,
  neighbours: 6,
  branches: 5,
} as const;

/** When acknowledgements go that nothing takes along, in seconds. */
const ACK = {
  quiet: NODE_DEFAULTS["ack-after"] / 1000,
  longest: NODE_DEFAULTS["ack-longest"] / 1000,
};
const KEEP_ALIVE = NODE_DEFAULTS["keep-alive"] / 1000;
const QUIET = NODE_DEFAULTS.quiet / 1000;
/** In intervals of a hub: leaves acknowledge after so long without it, and after so long with it. */
const HUB_QUIET = 1.5;
const HUB_LONGEST = 3;
/** In intervals of Plumtree: offers are acknowledged after so long. */
const PLUMTREE_LONGEST = 1.5;
/** A root of Plumtree's gives way after so many seconds of silence. */
const ROOT_SILENT = 5;

/**
 * A node that learns a value tells all its neighbours but the one that it has it from: over all nodes
 * that is the sum of the numbers of neighbours, less one for each node but the first.
 */
export function floodMessages({ nodes, topology, values }: BroadcastWork): number {
  return values * crossings(linksOf(topology, nodes), nodes);
}

/** What flooding takes, and acknowledgements. */
export function retryMessages(work: BroadcastWork): number {
  const links = linksOf(work.topology, work.nodes);
  const each = floodMessages(work) / (2 * links) / work.seconds;
  return floodMessages(work) + 2 * links * work.seconds * acknowledgements(each, each, ACK);
}

/** On a tree a value crosses each link once; and acknowledgements. */
export function treeMessages(work: BroadcastWork): number {
  const neighboursOf = (node: string) => treeNeighbours(work.nodes, node, NODE_DEFAULTS.branches);
  return valuesOnTree(work) + work.seconds * treeAcknowledgements(work, neighboursOf, ACK);
}

/**
 * Each way of each link carries a message an interval, as long as it has news; and acknowledgements.
 */
export function batchMessages(work: BroadcastWork, { interval }: Pace): number {
  const ways = 2 * linksOf(work.topology, work.nodes);
  const each = paced(floodMessages(work) / ways / work.seconds, interval);
  return ways * work.seconds * (each + acknowledgements(each, each, ACK));
}

/**
 * A hub tells each leaf something in each interval that has news; a leaf tells the hub something if
 * any of the operations that its client made in the interval said a value. Clients take turns, so
 * each node has the same number of operations. Where the hub pauses, leaves acknowledge. In the first
 * interval leaves do not know when the hub flushes, and tell it each value at once.
 */
export function hubMessages(work: BroadcastWork, { interval }: Pace): number {
  const { nodes, operations, values, seconds } = work;
  const down = paced(values / seconds, interval);
  const operationsOfLeaf = operations / nodes.length * interval / seconds;
  const whole = Math.floor(operationsOfLeaf);
  const part = values / operations;
  const hasNone = (1 - part) ** whole * (1 - part * (operationsOfLeaf - whole));
  const up = (1 - hasNone) / interval;
  const quiet = HUB_QUIET * interval;
  const longest = Math.max(KEEP_ALIVE, HUB_LONGEST * interval);
  const each = down + up + acknowledgements(down, up, { quiet, longest });
  const atOnce = values / seconds / nodes.length - up;
  return (nodes.length - 1) * (seconds * each + Math.min(interval, seconds) * atOnce);
}

/**
 * Everybody is told once. When news have ceased for a moment hub and leaf make each other an offer,
 * and acknowledge it; while they do not cease, an interval passes between offers, and a leaf's offer
 * acknowledges the hub's.
 */
export function meshMessages(work: BroadcastWork, { interval }: Pace): number {
  const { values, seconds } = work;
  const others = work.nodes.length - 1;
  const { perSecond, quietly, lasted } = spellsOf({
    news: values / seconds,
    quiet: QUIET,
    longest: interval,
  });
  return others * (values + seconds * perSecond * (4 * quietly + 3 * lasted));
}

/**
 * A value crosses each link of the tree once; each way of each other link carries an offer when news
 * have ceased for a moment, or an interval after the last one; and acknowledgements. Before the root has
 * said its first value there is no tree, and values cross all links.
 */
export function plumtreeMessages(work: BroadcastWork, { interval }: Pace): number {
  const { nodes, values, seconds } = work;
  const neighboursOf = (node: string) => ringNeighbours(nodes, node, NODE_DEFAULTS.neighbours);
  const links = nodes.reduce((sum, node) => sum + neighboursOf(node).length, 0) / 2;
  const lazyWays = 2 * (links - (nodes.length - 1));
  const news = values / seconds;
  const timing = { quiet: ACK.quiet, longest: Math.max(ACK.longest, PLUMTREE_LONGEST * interval) };
  const offers = spellsOf({ news, quiet: QUIET, longest: interval }).perSecond;
  // Offers wait for one the other way as long as they may.
  const patient = { quiet: timing.longest, longest: timing.longest };
  const lazy = lazyWays * (offers + acknowledgements(offers, offers, patient));
  const ofRoot = news / nodes.length;
  const treeless = Math.min(seconds, integral(ofRoot, ROOT_SILENT));
  const flooded = treeless * news * (crossings(links, nodes) - (nodes.length - 1));
  const tree = treeAcknowledgements(work, neighboursOf, timing);
  return valuesOnTree(work) + flooded + seconds * tree + (seconds - treeless) * lazy;
}

function valuesOnTree({ nodes, values }: BroadcastWork): number {
  return values * (nodes.length - 1);
}

/** How often a value crosses links when everybody tells all but the one that told him. */
function crossings(links: number, nodes: readonly string[]): number {
  return 2 * links - (nodes.length - 1);
}

/**
 * Acknowledgements a second on a tree that spans a graph: of the values of those on either side of
 * each link.
 */
function treeAcknowledgements(
  { nodes, values, seconds }: BroadcastWork,
  neighboursOf: (node: string) => readonly string[],
  timing: typeof ACK,
): number {
  const parents = spanningTree(nodes[0] as string, neighboursOf);
  const below = new Map(nodes.map((node) => [node, 1]));
  let sum = 0;
  for (const [node, parent] of [...parents].reverse()) {
    const size = below.get(node) ?? 0;
    below.set(parent, (below.get(parent) ?? 0) + size);
    const up = values / seconds * size / nodes.length;
    const down = values / seconds - up;
    sum += acknowledgements(up, down, timing) + acknowledgements(down, up, timing);
  }
  return sum;
}

/** The tree of shortest ways from a root: each other node's parent, those near the root first. */
function spanningTree(root: string, neighboursOf: (node: string) => readonly string[]) {
  const parents = new Map<string, string>();
  const reached = [root];
  for (const node of reached) {
    for (const other of neighboursOf(node)) {
      if (other === root || parents.has(other)) continue;
      parents.set(other, node);
      reached.push(other);
    }
  }
  return parents;
}

function linksOf(topology: string, nodes: readonly string[]): number {
  const neighbours = Object.values(topologyOf(topology, nodes));
  return neighbours.reduce((sum, others) => sum + others.length, 0) / 2;
}
