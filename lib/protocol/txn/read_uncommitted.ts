/**
 * Strategy `read-uncommitted`: a node interleaves the micro-operations of its transactions, and
 * each write is immediately visible to the node's other transactions.
 *
 * Why it is right: this level only requires that writes of two transactions are not mixed: one
 * transaction overwrites the other on every key (no dirty write, G0). Transactions are ordered by
 * the timestamps that {@link Store.commit} assigns. No transaction may base a write on a read
 * of a later transaction. So a transaction reads the keys that it writes itself as committed, or as
 * it wrote them; of other keys it reads uncommitted values.
 *
 * It waits for no other node and costs as much as `causal`: weaker isolation saves nothing here. It
 * allows two more anomalies than `read-committed`, both between clients of one node:
 *
 * - Intermediate read (G1b): a transaction reads a value that its writer overwrites later.
 *
 *       T1: w x 1         w x 2
 *       T2:       r x 1
 *       (x is 1 in no committed state)
 *
 * - Circular information flow (G1c): two transactions each read a write of the other.
 *
 *       T1: w x 1         r y 1
 *       T2:       w y 1         r x 1
 *       (in a serial order, the first of them could not read the other's write)
 *
 * @module
 */

import type { Json, Node } from "../../node/mod.ts";
import { runWithPauses, type Steps } from "./read_committed.ts";
import {
  canonicalKey,
  isRead,
  type MicroOperation,
  overwrite,
  State,
  type Store,
  type Transact,
  type Transaction,
} from "./transaction.ts";

/** Starts the strategy; a statement takes `pauseMs` milliseconds. */
export function readUncommitted(node: Node, store: Store, pauseMs: number): Transact {
  const uncommitted = new UncommittedWrites();
  return (transaction) => {
    const steps = runReadUncommitted(store, uncommitted, transaction);
    return runWithPauses(node, pauseMs, transaction.length, steps);
  };
}

/** The writes of the active transactions of one node. */
export class UncommittedWrites {
  /** The written keys and their writers, the latest write last. */
  #writes: { readonly canonical: string; readonly writer: State }[] = [];

  /** Notes that a transaction has written a key. */
  add(canonical: string, writer: State): void {
    this.#writes.push({ canonical, writer });
  }

  /** Returns the latest uncommitted value of a key; undefined for none. */
  read(canonical: string): Json | undefined {
    const latest = this.#writes.findLast((write) => write.canonical === canonical);
    return latest?.writer.read(canonical);
  }

  /** Removes the writes of a transaction, which has committed. */
  remove(writer: State): void {
    this.#writes = this.#writes.filter((write) => write.writer !== writer);
  }
}

/** Runs a transaction; yields between two micro-operations, where other transactions may run. */
export function* runReadUncommitted(
  store: Store,
  uncommitted: UncommittedWrites,
  transaction: Transaction,
): Steps {
  const own = new State(overwrite, (canonical) => store.read(canonical));
  const ownKeys = new Set(
    transaction.filter((operation) => !isRead(operation)).map(([, key]) => canonicalKey(key)),
  );
  const results: MicroOperation[] = [];
  for (const operation of transaction) {
    if (results.length > 0) yield;
    const [f, key] = operation;
    const canonical = canonicalKey(key);
    const visible = ownKeys.has(canonical) ? undefined : uncommitted.read(canonical);
    if (isRead(operation) && visible !== undefined) results.push([f, key, visible]);
    else results.push(...own.run([operation]));
    if (!isRead(operation)) uncommitted.add(canonical, own);
  }
  store.commit(own.writes);
  uncommitted.remove(own);
  return results;
}
