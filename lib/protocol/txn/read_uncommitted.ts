/**
 * Strategy `read-uncommitted`: a node interleaves the micro-operations of its transactions, and
 * each write is immediately visible to the node's other transactions.
 *
 * Why it is right: this level only requires that writes of two transactions are not mixed: one
 * transaction overwrites the other on every key (no dirty write, G0). Transactions are ordered by
 * the timestamps that {@link Registers.commit} assigns. No transaction may base a write on a read
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

import type { Json } from "../../node/mod.ts";
import type { Steps } from "./interleaving.ts";
import type { Registers } from "./registers.ts";
import { canonicalKey, isRead, type MicroOperation, type Transaction } from "./transaction.ts";
import { WriteBuffer } from "./write_buffer.ts";

/** The writes of the active transactions of one node. */
export class UncommittedWrites {
  /** The buffers of the transactions that wrote a key, by canonical key; the latest writer last. */
  readonly #writers = new Map<string, WriteBuffer[]>();

  /** Notes that a transaction has written a key. */
  add(key: Json, writer: WriteBuffer): void {
    const canonical = canonicalKey(key);
    const others = (this.#writers.get(canonical) ?? []).filter((other) => other !== writer);
    this.#writers.set(canonical, [...others, writer]);
  }

  /** Returns the latest uncommitted value of a key; `otherwise` when there is none. */
  readOr(key: Json, otherwise: Json): Json {
    const writer = this.#writers.get(canonicalKey(key))?.at(-1);
    return writer === undefined ? otherwise : writer.readOr(key, otherwise);
  }

  /** Removes the writes of a transaction, which has committed. */
  remove(writer: WriteBuffer): void {
    for (const [key] of writer.writes) {
      const canonical = canonicalKey(key);
      const others = (this.#writers.get(canonical) ?? []).filter((other) => other !== writer);
      if (others.length > 0) this.#writers.set(canonical, others);
      else this.#writers.delete(canonical);
    }
  }
}

/** Runs a transaction; yields between two micro-operations, where other transactions may run. */
export function* runReadUncommitted(
  registers: Registers,
  uncommitted: UncommittedWrites,
  transaction: Transaction,
): Steps {
  const own = new WriteBuffer();
  const ownKeys = new Set(
    transaction.filter((operation) => !isRead(operation)).map(([, key]) => canonicalKey(key)),
  );
  const results: MicroOperation[] = [];
  for (const operation of transaction) {
    if (results.length > 0) yield;
    const [f, key, value] = operation;
    if (isRead(operation)) {
      const visible = ownKeys.has(canonicalKey(key)) ? own : uncommitted;
      results.push([f, key, visible.readOr(key, registers.read(key))]);
    } else {
      own.write(key, value);
      uncommitted.add(key, own);
      results.push(operation);
    }
  }
  registers.commit(own.writes);
  uncommitted.remove(own);
  return results;
}
