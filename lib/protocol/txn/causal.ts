/**
 * Strategies `causal` and `local`: a node runs each transaction atomically on its own registers.
 *
 * Why it is right: a node does nothing else between a transaction's first and last micro-operation.
 * So a transaction reads one snapshot, and its writes become visible together. With `causal` the
 * registers are replicated, and {@link Registers} keeps each node's snapshot atomic and causally
 * closed: causal consistency with atomic visibility (Cerone, Bernardi and Gotsman, "A Framework for
 * Transactional Consistency Models with Atomic Visibility", 2015). A client stays with its node,
 * whose state never goes back. So a session reads its own writes, and its reads are monotonic. No
 * transaction waits for another node or is aborted, under any partition (sticky availability:
 * Bailis et al., "Highly Available Transactions", 2013). Nodes that have received the same updates
 * agree.
 *
 * Cost: no messages on a transaction's path. A node sends each neighbour at most one delta an
 * interval, and none without updates. A write is lost if its node loses its memory before it sent
 * the write on; the node's sessions then lose their guarantees, too.
 *
 * Anomalies that it allows, since nodes write without coordination (x and y are null at first):
 *
 * - Lost update: two transactions base their writes on the same value, and one write is overwritten
 *   without being read.
 *
 *       n0: r x null, w x 1
 *       n1: r x null, w x 2
 *       later, on both: r x 2
 *
 * - Write skew: two transactions each write what the other one read.
 *
 *       n0: r x null, w y 1
 *       n1: r y null, w x 1
 *       (in any serial order, the second transaction would read 1)
 *
 * - Long fork: two nodes see two independent writes in different orders.
 *
 *       n0: w x 1       n1: w y 1
 *       n0: r x 1, r y null
 *       n1: r x null, r y 1
 *
 * - Stale reads: a transaction may miss a write that another node has already acknowledged.
 *
 *       n0: w x 1       (the client receives the reply)
 *       n1: r x null    (invoked after that)
 *       n1: r x 1       (after n1 received the update)
 *
 * `local` is `causal` without replication, for a cluster of one node. There each transaction sees
 * all earlier ones, which is strict serializability. In a larger cluster each node is a store of
 * its own, and nodes never converge:
 *
 *       n0: w x 1       n1: w x 2
 *       n0: r x 1       n1: r x 2
 *       (forever)
 *
 * @module
 */

import type { Registers } from "./registers.ts";
import { isRead, type MicroOperation, type Transaction } from "./transaction.ts";
import { WriteBuffer } from "./write_buffer.ts";

/**
 * Runs a transaction on registers without interruption, and returns it with its reads filled in.
 */
export function runAtomically(registers: Registers, transaction: Transaction): MicroOperation[] {
  const own = new WriteBuffer();
  const results = transaction.map((operation): MicroOperation => {
    const [f, key, value] = operation;
    if (isRead(operation)) return [f, key, own.readOr(key, registers.read(key))];
    own.write(key, value);
    return operation;
  });
  registers.commit(own.writes);
  return results;
}
