/**
 * How many messages between servers broadcast should take, on paper: from the number of nodes, the
 * links between them and the mix of writes and reads. To stand beside what is measured.
 *
 * Some strategies send so much for each value, others so much for each interval. Either way the sum
 * is divided by all operations, reads included, as Maelstrom does: a strategy that costs a message
 * for each value costs half of one for each operation when half of the operations are reads.
 *
 * @module
 */

import { ringNeighbours } from "../../lib/protocol/broadcast/mod.ts";
import { topologyOf } from "../../lib/workload/mod.ts";

/** The work that was done. */
export interface BroadcastWork {
  readonly nodes: readonly string[];
  /** The topology that the test suggests. */
  readonly topology: string;
  /** Milliseconds that a message takes. */
  readonly latency: number;
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

/**
 * A node that learns a value tells all its neighbours but the one that it has it from: over all nodes
 * that is the sum of the numbers of neighbours, less one for each node but the first.
 */
export function floodMessages({ nodes, topology, values }: BroadcastWork): number {
  return values * (2 * linksOf(topology, nodes) - (nodes.length - 1));
}

/** On a tree a value crosses each link once. */
export function treeMessages({ nodes, values }: BroadcastWork): number {
  return values * (nodes.length - 1);
}

/** Each way of each link carries a message an interval, as long as each has news. */
export function batchMessages({ nodes, topology, seconds }: BroadcastWork, pace: Pace): number {
  return 2 * linksOf(topology, nodes) * seconds / pace.interval;
}

/**
 * A hub tells each leaf something in each interval; a leaf tells the hub something if any of the
 * operations that its client made in the interval said a value. Clients take turns, so each node has
 * the same number of operations.
 */
export function hubMessages(work: BroadcastWork, { interval }: Pace): number {
  const { nodes, operations, values, seconds } = work;
  const leaves = nodes.length - 1;
  const operationsOfLeaf = operations / nodes.length * interval / seconds;
  const hasNews = 1 - (1 - values / operations) ** operationsOfLeaf;
  return leaves * seconds / interval * (1 + hasNews);
}

/** Everybody is told once; and in each interval hub and leaf make an offer each, of which one is acknowledged. */
export function meshMessages(work: BroadcastWork, { interval }: Pace): number {
  const others = work.nodes.length - 1;
  return work.values * others + 3 * others * work.seconds / interval;
}

/** A value crosses each link of the tree once; each way of each other link carries an offer an interval. */
export function plumtreeMessages(work: BroadcastWork, pace: Pace): number {
  const { nodes, seconds } = work;
  const links = nodes.reduce((sum, node) => sum + ringNeighbours(nodes, node, DEGREE).length, 0) /
    2;
  const lazy = links - (nodes.length - 1);
  return treeMessages(work) + 2 * lazy * seconds / pace.interval;
}

/** Plumtree's default number of neighbours. */
const DEGREE = 6;

/**
 * Fewer messages an operation than this are impossible for any strategy, if values are to be read
 * everywhere within so many milliseconds. In each such time every node has to be told something at
 * least once. If it is shorter than a latency nothing can be passed on, so a node has to tell each
 * other one itself; what it is told within the time goes along.
 *
 * What is measured as latency leaves out the last hop, since a read waits behind a message that is
 * under way to its node.
 */
export function floorPerOperation(work: BroadcastWork, longestLatency: number): number {
  const { nodes, latency, operations, values, seconds } = work;
  if (longestLatency < latency) {
    const pairs = nodes.length * (nodes.length - 1);
    const rate = values / seconds / nodes.length;
    return pairs * seconds * rate / (1 + rate * longestLatency / 1000) / operations;
  }
  return nodes.length * seconds * 1000 / (longestLatency + latency) / operations;
}

function linksOf(topology: string, nodes: readonly string[]): number {
  const neighbours = Object.values(topologyOf(topology, nodes));
  return neighbours.reduce((sum, others) => sum + others.length, 0) / 2;
}
