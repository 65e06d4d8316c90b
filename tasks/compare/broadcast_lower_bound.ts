/**
 * A lower bound for the messages of broadcast, valid for every strategy.
 *
 * @module
 */

import type { BroadcastWork } from "./broadcast_model.ts";

/**
 * The rule of three: with three expected reads in an interval and none observed, the interval was
 * shorter with 95 % confidence.
 */
const UNSEEN_READS = 3;

/**
 * Returns the minimum of messages per operation for a maximum latency D of `maxLatencyMs`: no read
 * that begins more than D after a value's acknowledgement misses the value. The bound holds for
 * strategies that cannot predict when a client reads.
 *
 * **Each node must be informed.** Consider one of n nodes, from the last message that it was sent.
 * With w writes a second at each node, the next value at another node is written after 1/(w·(n −
 * 1)) seconds on average. The node must be sent a message within D of that write. So it is sent at
 * least one message every 1/(w·(n − 1)) + D seconds. The travel time is left out, since a read may
 * arrive later than the message.
 *
 * **Each pair of nodes must communicate, if D is shorter than the minimum latency L.** A relayed
 * value would be late. So the same argument holds for each ordered pair: one message every 1/w + D
 * seconds.
 *
 * **Reads only sample the latency.** No read observed a value later than D. So the total time of
 * violations, over all nodes and values, is probably shorter than the time in which
 * {@link UNSEEN_READS} reads arrive at one node. Both bounds subtract this time; the second one
 * subtracts the number of pairs that can be late by L − D within it.
 *
 * The result is the greater of both bounds.
 */
export function lowerBoundPerOperation(work: BroadcastWork, maxLatencyMs: number): number {
  const { nodes, minLatencyMs, operations, values, durationSeconds } = work;
  const others = nodes.length - 1;
  const unobserved = UNSEEN_READS * nodes.length * durationSeconds / (operations - values);
  const maxLatencySeconds = maxLatencyMs / 1000;
  const writeRate = values / durationSeconds / nodes.length;
  const perNode = (nodes.length * durationSeconds - unobserved) /
    (1 / (writeRate * others) + maxLatencySeconds);
  const perPair = maxLatencyMs < minLatencyMs
    ? nodes.length * others * durationSeconds / (1 / writeRate + maxLatencySeconds) -
      unobserved / ((minLatencyMs - maxLatencyMs) / 1000)
    : 0;
  return Math.max(0, perNode, perPair) / operations;
}
