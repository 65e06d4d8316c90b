/**
 * Strategy `read-committed`: a node interleaves the micro-operations of its transactions. Each read
 * returns the value committed by then, and writes stay in a buffer until the transaction commits.
 * That is what short read locks and long write locks give (Berenson et al., "A Critique of ANSI SQL
 * Isolation Levels", 1995), without locks.
 *
 * Why it is right: other transactions see only what {@link Store.commit} published: whole
 * transactions, with the last value of each key. A transaction's own writes get a timestamp above
 * all that it read, when it commits. A transaction that reads or overwrites these writes commits
 * later. So write and read dependencies follow the order of commits and cannot form a cycle (no
 * G1c). A transaction that has seen one write of another sees all of them from then on, or newer
 * values: monotonic atomic view (Bailis et al., "Highly Available Transactions", 2013).
 *
 * It waits for no other node and costs as much as `causal`. It allows two more anomalies:
 *
 * - Non-repeatable read: a key changes after a transaction has read it (x is 1 at first).
 *
 *       T1: r x 1         r x 2
 *       T2:       w x 2
 *       (both on one node; or T2 on another node, whose update arrives in between)
 *
 * - Fractured read, or read skew: a transaction sees one write of another and misses an earlier
 *   one.
 *
 *       T1: r x null             r y 1
 *       T2:          w x 1, w y 1
 *       (T1 reads x before T2 commits, and y afterwards)
 *
 * It also allows the lost updates, write skews, long forks and stale reads of `causal`.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import {
  type MicroOperation,
  overwrite,
  State,
  type Store,
  type Transact,
  type Transaction,
} from "./transaction.ts";

/** An active transaction: yields where others may run, and returns itself with reads filled in. */
export type Steps = Generator<void, MicroOperation[], void>;

/**
 * A long transaction runs several steps between two pauses, so that it pauses at most this often.
 */
const MAX_PAUSES = 8;

/**
 * Runs a transaction of `length` steps with pauses of `pauseMs` milliseconds: statements take time,
 * and the isolation level defines which effects of others may appear between two of them.
 */
export async function runWithPauses(
  node: Pick<Node, "sleep">,
  pauseMs: number,
  length: number,
  steps: Steps,
): Promise<MicroOperation[]> {
  const stepsPerPause = Math.ceil(length / (MAX_PAUSES + 1));
  for (let taken = 1;; taken++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (taken % stepsPerPause === 0) await node.sleep(pauseMs);
  }
}

/** Starts the strategy; a statement takes `pauseMs` milliseconds. */
export function readCommitted(node: Node, store: Store, pauseMs: number): Transact {
  return (transaction) =>
    runWithPauses(node, pauseMs, transaction.length, runReadCommitted(store, transaction));
}

/** Runs a transaction; yields between two micro-operations, where other transactions may run. */
export function* runReadCommitted(store: Store, transaction: Transaction): Steps {
  const own = new State(overwrite, (canonical) => store.read(canonical));
  const results: MicroOperation[] = [];
  for (const operation of transaction) {
    if (results.length > 0) yield;
    results.push(...own.run([operation]));
  }
  store.commit(own.writes);
  return results;
}
