/**
 * How many messages broadcast cannot do without, whatever the strategy.
 *
 * @module
 */

import type { BroadcastWork } from "./broadcast_expectation.ts";

/** With this many reads to be expected where there was none, chance is ruled out at 95 %. */
const UNSEEN_READS = 3;

/**
 * Fewer messages an operation than this no strategy gets by with that does not know beforehand when
 * somebody will read, if no read that begins more than `longest` D milliseconds after a value was
 * acknowledged is without it.
 *
 * **To be told at all.** Look at one of n nodes, from when it was last sent something. The next value
 * that is said elsewhere comes after n/(w·(n − 1)) seconds on average, where w are said a second, and
 * within D of that the node has to be sent something. So it takes a message every
 * n/(w·(n − 1)) + D at least. That the message has to arrive too makes it more, but not where a read
 * waits behind it.
 *
 * **By each other node itself.** If D is shorter than the least latency L, nobody can pass on in time
 * what he is told. So what is true of a node is true of each pair: every n/w + D.
 *
 * **Reads are few.** D is what reads saw. The time by which values were later than D, over all nodes
 * and values, is not likely to be longer than that in which {@link UNSEEN_READS} reads come to a node,
 * since none of them met it. That much less time is counted; and of pairs so many fewer as can be
 * late by L − D within it.
 *
 * Of both floors the higher one holds.
 */
export function floorPerOperation(work: BroadcastWork, longest: number): number {
  const { nodes, leastLatency, operations, values, seconds } = work;
  const others = nodes.length - 1;
  const late = UNSEEN_READS * nodes.length * seconds / (operations - values);
  const within = longest / 1000;
  const ofNode = values / seconds / nodes.length;
  const told = (nodes.length * seconds - late) / (1 / (ofNode * others) + within);
  const direct = longest < leastLatency
    ? nodes.length * others * seconds / (1 / ofNode + within) -
      late / ((leastLatency - longest) / 1000)
    : 0;
  return Math.max(0, told, direct) / operations;
}
