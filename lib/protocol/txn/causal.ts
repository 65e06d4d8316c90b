/**
 * Strategies `causal` and `local`: each transaction is run on the node's own registers, in one go.
 *
 * Why it is right: between the first micro-operation and the last nothing else happens, so what a
 * transaction reads is one snapshot, and what it writes is there whole or not at all. With `causal`
 * the registers are replicated, and {@link Registers} keeps snapshots whole and causally closed on
 * every node. A client stays with its node, whose state only goes forward, so a session sees its
 * own writes, and never less than before. No transaction waits for anyone or is ever refused,
 * whatever is cut off, and nodes that have heard the same agree.
 *
 * What it costs: no message in a transaction's way; a delta to each neighbour once an interval
 * while there is news. What it does not survive: a write is lost if its node loses its memory
 * before it told anyone, and so are the sessions of a node that loses it.
 *
 * What it allows, since nodes write without asking each other (values of x and y are null at
 * first):
 *
 * - Lost update: two transactions base their writes on the same value, and one of them is in vain.
 *
 *       n0: r x null, w x 1
 *       n1: r x null, w x 2
 *       later, on both: r x 2
 *
 * - Write skew: each writes what the other has read.
 *
 *       n0: r x null, w y 1
 *       n1: r y null, w x 1
 *       (one after the other, in any order, the second would have read 1)
 *
 * - Long fork: two writes without a cause in common are seen in different orders.
 *
 *       n0: w x 1       n1: w y 1
 *       n0: r x 1, r y null
 *       n1: r x null, r y 1
 *
 * - Stale reads: a transaction may not see what was written on another node just before.
 *
 *       n0: w x 1       (and the client has its answer)
 *       n1: r x null    (begun after that)
 *       n1: r x 1       (once it is told)
 *
 * `local` is `causal` without replication: for one node. There every transaction sees all that came
 * before it, which is strict serializability. On a cluster each node is a store of its own, and
 * they never agree:
 *
 *       n0: w x 1       n1: w x 2
 *       n0: r x 1       n1: r x 2
 *       (for ever)
 *
 * @module
 */

import type { Registers } from "./registers.ts";
import { isRead, type MicroOperation, type Transaction } from "./transaction.ts";
import { WriteBuffer } from "./write_buffer.ts";

/** Runs a transaction on registers, in one go. */
export function runAtOnce(registers: Registers, transaction: Transaction): MicroOperation[] {
  const own = new WriteBuffer();
  const done = transaction.map((operation): MicroOperation => {
    const [f, key, value] = operation;
    if (isRead(operation)) return [f, key, own.readOr(key, registers.read(key))];
    own.write(key, value);
    return operation;
  });
  registers.commit(own.writes);
  return done;
}
