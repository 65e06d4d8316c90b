/**
 * An analytical model of broadcast: the messages between servers that each strategy should send,
 * computed from the number of nodes, the links between them and the mix of writes and reads. `deno
 * task compare broadcast` prints the prediction beside the measurement.
 *
 * The model counts messages per value, per interval with new entries, and stand-alone
 * acknowledgements. The sum is divided by all operations, reads included, as Maelstrom does. So a
 * strategy that sends one message per value sends half a message per operation when half of the
 * operations are reads.
 *
 * The model ignores what depends on the order of events: greetings, sync requests,
 * retransmissions, and which of two nodes that acknowledge each other is the first. It assumes
 * constant latencies. With variable latencies leaves of a hub do not wait for its flush, and late
 * entries are retransmitted.
 *
 * @module
 */

import {
  ACK_TIMING,
  ringNeighbours,
  treeNeighbours,
} from "../../lib/protocol/broadcast/strategy.ts";
import { topologyOf } from "../../lib/workload/mod.ts";
import {
  type AckTiming,
  busyPeriods,
  standaloneAcksPerSecond,
  throttledRate,
  truncatedMean,
} from "./busy_periods.ts";

/** The work of a run. */
export interface BroadcastWork {
  readonly nodes: readonly string[];
  /** The topology that the test suggests. */
  readonly topology: string;
  /** The minimum latency of a message. */
  readonly minLatencyMs: number;
  /** The number of operations, reads included. */
  readonly operations: number;
  /** The number of broadcast operations, each of which writes one value. */
  readonly values: number;
  /** The length of the phase in which clients write. */
  readonly durationSeconds: number;
}

/** The timing of a strategy's periodic messages. */
export interface ModelTiming {
  readonly intervalSeconds: number;
}

/** Returns the number of messages that a strategy sends for some work. */
export type MessageModel = (work: BroadcastWork, timing: ModelTiming) => number;

/** The defaults of the node's flags that the model depends on. */
export const NODE_DEFAULTS = { degree: 6, fanout: 5 } as const;

const LINK_ACK_TIMING: AckTiming = {
  quietSeconds: ACK_TIMING.ackDelayMs / 1000,
  maxSeconds: ACK_TIMING.maxAckDelayMs / 1000,
};
/** The longest acknowledgement delay of a hub's leaf, unless its intervals are longer. */
const MAX_HUB_ACK_SECONDS = 2;
/** Mesh and Plumtree send the last IHAVE this long after the last change. */
const IDLE_SECONDS = 0.2;
/** A leaf acknowledges after this many intervals of its hub without a flush. */
const HUB_QUIET_INTERVALS = 1.5;
/** A leaf acknowledges at the latest after this many intervals of its hub. */
const MAX_HUB_ACK_INTERVALS = 3;
/** A node acknowledges IHAVE messages of Plumtree at the latest after this many intervals. */
const MAX_PLUMTREE_ACK_INTERVALS = 1.5;
/**
 * Another node replaces the root of a Plumtree tree after this many seconds without its messages.
 */
const ROOT_TIMEOUT_SECONDS = 5;

/**
 * Models flooding: a node forwards a new value to all neighbours but the sender. Per value that is
 * the sum of all neighbour counts, less one for each node but the origin.
 */
export function floodMessages({ nodes, topology, values }: BroadcastWork): number {
  return values * linkCrossings(linksOf(topology, nodes), nodes);
}

/** Models flooding with acknowledgements. */
export function retryMessages(work: BroadcastWork): number {
  const { durationSeconds } = work;
  const directions = 2 * linksOf(work.topology, work.nodes);
  const rate = floodMessages(work) / directions / durationSeconds;
  const acks = standaloneAcksPerSecond(rate, rate, LINK_ACK_TIMING);
  return floodMessages(work) + directions * durationSeconds * acks;
}

/** Models a tree: a value crosses each link once, and is acknowledged. */
export function treeMessages(work: BroadcastWork): number {
  const neighboursOf = (node: string) => treeNeighbours(work.nodes, node, NODE_DEFAULTS.fanout);
  const acks = treeAcksPerSecond(work, neighboursOf, LINK_ACK_TIMING);
  return valuesOnTree(work) + work.durationSeconds * acks;
}

/**
 * Models batches: each direction of each link carries one message per interval with new entries,
 * and acknowledgements.
 */
export function batchMessages(work: BroadcastWork, { intervalSeconds }: ModelTiming): number {
  const directions = 2 * linksOf(work.topology, work.nodes);
  const entries = floodMessages(work) / directions / work.durationSeconds;
  const rate = throttledRate(entries, intervalSeconds);
  return directions * work.durationSeconds *
    (rate + standaloneAcksPerSecond(rate, rate, LINK_ACK_TIMING));
}

/**
 * Models a hub and its leaves. The hub sends each leaf one message per interval with new entries. A
 * leaf sends the hub one message per interval in which its client wrote a value. Clients send
 * requests in round-robin order, so each node serves the same number of operations. A leaf
 * acknowledges when the hub pauses. In the first interval leaves do not know when the hub flushes,
 * and send it each value immediately.
 */
export function hubMessages(work: BroadcastWork, { intervalSeconds }: ModelTiming): number {
  const { nodes, operations, values, durationSeconds } = work;
  const down = throttledRate(values / durationSeconds, intervalSeconds);
  const operationsOfLeaf = operations / nodes.length * intervalSeconds / durationSeconds;
  const whole = Math.floor(operationsOfLeaf);
  const writeFraction = values / operations;
  const hasNone = (1 - writeFraction) ** whole *
    (1 - writeFraction * (operationsOfLeaf - whole));
  const up = (1 - hasNone) / intervalSeconds;
  const acks = standaloneAcksPerSecond(down, up, {
    quietSeconds: HUB_QUIET_INTERVALS * intervalSeconds,
    maxSeconds: Math.max(MAX_HUB_ACK_SECONDS, MAX_HUB_ACK_INTERVALS * intervalSeconds),
  });
  const unbatched = values / durationSeconds / nodes.length - up;
  const perLeaf = durationSeconds * (down + up + acks) +
    Math.min(intervalSeconds, durationSeconds) * unbatched;
  return (nodes.length - 1) * perLeaf;
}

/**
 * Models a full mesh with a hub for repair: the origin of a value sends it to every other node.
 * After a pause in new values, hub and leaf send each other an IHAVE and acknowledge it. Without a
 * pause, they send one per interval, and a leaf's IHAVE acknowledges the hub's.
 */
export function meshMessages(work: BroadcastWork, { intervalSeconds }: ModelTiming): number {
  const { values, durationSeconds } = work;
  const others = work.nodes.length - 1;
  const { perSecond, endedByPause, reachedMax } = busyPeriods({
    arrivalRate: values / durationSeconds,
    quietSeconds: IDLE_SECONDS,
    maxSeconds: intervalSeconds,
  });
  const repair = perSecond * (4 * endedByPause + 3 * reachedMax);
  return others * (values + durationSeconds * repair);
}

/**
 * Models Plumtree (Leitão, Pereira, Rodrigues: "Epidemic Broadcast Trees", SRDS 2007). A value
 * crosses each eager link once. Each direction of a lazy link carries an IHAVE after a pause in new
 * values, or an interval after the last IHAVE; and acknowledgements. The tree forms when the root
 * writes its first value. Until then values are flooded.
 */
export function plumtreeMessages(work: BroadcastWork, { intervalSeconds }: ModelTiming): number {
  const { nodes, values, durationSeconds } = work;
  const neighboursOf = (node: string) => ringNeighbours(nodes, node, NODE_DEFAULTS.degree);
  const links = nodes.reduce((sum, node) => sum + neighboursOf(node).length, 0) / 2;
  const lazyDirections = 2 * (links - (nodes.length - 1));
  const valueRate = values / durationSeconds;
  const timing: AckTiming = {
    quietSeconds: LINK_ACK_TIMING.quietSeconds,
    maxSeconds: Math.max(LINK_ACK_TIMING.maxSeconds, MAX_PLUMTREE_ACK_INTERVALS * intervalSeconds),
  };
  const { perSecond: advertisements } = busyPeriods({
    arrivalRate: valueRate,
    quietSeconds: IDLE_SECONDS,
    maxSeconds: intervalSeconds,
  });
  // An acknowledgement of an IHAVE waits for one in the other direction until the maximum delay.
  const lazyTiming = { quietSeconds: timing.maxSeconds, maxSeconds: timing.maxSeconds };
  const lazyAcks = standaloneAcksPerSecond(advertisements, advertisements, lazyTiming);
  const lazy = lazyDirections * (advertisements + lazyAcks);
  const rootRate = valueRate / nodes.length;
  const treeless = Math.min(durationSeconds, truncatedMean(rootRate, ROOT_TIMEOUT_SECONDS));
  const flooded = treeless * valueRate * (linkCrossings(links, nodes) - (nodes.length - 1));
  const treeAcks = durationSeconds * treeAcksPerSecond(work, neighboursOf, timing);
  return valuesOnTree(work) + flooded + treeAcks + (durationSeconds - treeless) * lazy;
}

function valuesOnTree({ nodes, values }: BroadcastWork): number {
  return values * (nodes.length - 1);
}

/** Returns how often one value crosses a link when nodes forward it to all but the sender. */
function linkCrossings(links: number, nodes: readonly string[]): number {
  return 2 * links - (nodes.length - 1);
}

/**
 * Returns the stand-alone acknowledgements per second on a spanning tree of a graph: each link
 * carries the values of the nodes on either side.
 */
function treeAcksPerSecond(
  { nodes, values, durationSeconds }: BroadcastWork,
  neighboursOf: (node: string) => readonly string[],
  timing: AckTiming,
): number {
  const parents = spanningTree(nodes[0] as string, neighboursOf);
  const subtreeSizes = new Map(nodes.map((node) => [node, 1]));
  let sum = 0;
  for (const [node, parent] of [...parents].reverse()) {
    const size = subtreeSizes.get(node) ?? 0;
    subtreeSizes.set(parent, (subtreeSizes.get(parent) ?? 0) + size);
    const up = values / durationSeconds * size / nodes.length;
    const down = values / durationSeconds - up;
    sum += standaloneAcksPerSecond(up, down, timing) + standaloneAcksPerSecond(down, up, timing);
  }
  return sum;
}

/**
 * Returns the breadth-first tree of a graph: each node's parent, in order of distance to the root.
 */
function spanningTree(root: string, neighboursOf: (node: string) => readonly string[]) {
  const parents = new Map<string, string>();
  const reached = [root];
  for (const node of reached) {
    for (const neighbour of neighboursOf(node)) {
      if (neighbour === root || parents.has(neighbour)) continue;
      parents.set(neighbour, node);
      reached.push(neighbour);
    }
  }
  return parents;
}

function linksOf(topology: string, nodes: readonly string[]): number {
  const neighbours = Object.values(topologyOf(topology, nodes));
  return neighbours.reduce((sum, ids) => sum + ids.length, 0) / 2;
}
