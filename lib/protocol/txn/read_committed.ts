/**
 * Strategy `read-committed`: micro-operations of different transactions take turns; each reads what
 * is committed by then, and writes are held back until the transaction is over (short read locks
 * and long write locks, as Berenson et al., "A Critique of ANSI SQL Isolation Levels", 1995, put
 * it, but without a lock).
 *
 * Why it is right: others only ever see what {@link Registers.commit} made visible, which is whole
 * transactions and the last value of each key. What a transaction read was committed before it; its
 * own writes get a stamp above that when it is over. So whoever reads from it, or overwrites it, is
 * later: dependencies of writes and reads-from run forward in time and cannot go in circles. Once a
 * transaction has seen one write of another, it sees all of them from then on, or something later
 * (monotonic atomic view: Bailis et al., "Highly Available Transactions", 2013).
 *
 * It waits for nobody and costs what `causal` costs. What it allows beyond that strategy:
 *
 * - Non-repeatable read: a key changes under a transaction that has read it (x is 1 at first).
 *
 *       T1: r x 1         r x 2
 *       T2:       w x 2
 *       (both on one node, or T2 on another from which the node of T1 hears just then)
 *
 * - Fractured read, or read skew: of another transaction, one write is seen and one is not.
 *
 *       T1: r x null             r y 1
 *       T2:          w x 1, w y 1
 *       (T1 read x before it could see T2, and y after that)
 *
 * and the lost updates, write skews, long forks and stale reads of `causal`.
 *
 * @module
 */

import type { Registers } from "./registers.ts";
import type { Steps } from "./stepwise.ts";
import { isRead, type MicroOperation, type Transaction } from "./transaction.ts";
import { WriteBuffer } from "./write_buffer.ts";

/** Runs a transaction; it pauses after each micro-operation but the last, and others may go on. */
export function* runReadCommitted(registers: Registers, transaction: Transaction): Steps {
  const own = new WriteBuffer();
  const done: MicroOperation[] = [];
  for (const operation of transaction) {
    if (done.length > 0) yield;
    const [f, key, value] = operation;
    if (isRead(operation)) done.push([f, key, own.readOr(key, registers.read(key))]);
    else {
      own.write(key, value);
      done.push(operation);
    }
  }
  registers.commit(own.writes);
  return done;
}
