/**
 * Strategy `read-uncommitted`: micro-operations of different transactions take turns, and what one
 * has written the others on its node see at once, though it may write it again.
 *
 * Why it is right: all that this level promises is that writes of two transactions are never mixed:
 * one overwrites the other on all keys (no G0). The order is that of the stamps which
 * {@link Registers.commit} gives when a transaction is over. For that order to agree with what can
 * be seen, a transaction must not base a write on one that comes after it: so a key that it writes
 * itself it reads as committed, or as it wrote it, and only of other keys it sees what is not.
 *
 * It waits for nobody and costs what `causal` costs: giving up isolation saves nothing here. What
 * it allows beyond `read-committed`, all of it between clients of one node:
 *
 * - Dirty read of an intermediate value (G1b): one that its writer overwrites before it is done.
 *
 *       T1: w x 1         w x 2
 *       T2:       r x 1
 *       (x was never 1 in any committed state)
 *
 * - Circular information flow (G1c): two transactions each see what the other wrote.
 *
 *       T1: w x 1         r y 1
 *       T2:       w y 1         r x 1
 *       (neither can have come first)
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import type { Registers } from "./registers.ts";
import type { Steps } from "./stepwise.ts";
import { isRead, type MicroOperation, textOfKey, type Transaction } from "./transaction.ts";
import { WriteBuffer } from "./write_buffer.ts";

/** The writes on one node whose transactions are not over. */
export class UncommittedWrites {
  /** By key, the transactions that wrote it, the latest last. */
  readonly #writers = new Map<string, WriteBuffer[]>();

  /** Notes that a transaction has written a key. */
  wrote(key: Json, writer: WriteBuffer): void {
    const text = textOfKey(key);
    const others = (this.#writers.get(text) ?? []).filter((other) => other !== writer);
    this.#writers.set(text, [...others, writer]);
  }

  /** The latest value of a key; `otherwise` when no transaction under way has written it. */
  readOr(key: Json, otherwise: Json): Json {
    const writer = this.#writers.get(textOfKey(key))?.at(-1);
    return writer === undefined ? otherwise : writer.readOr(key, otherwise);
  }

  /** Forgets a transaction. */
  over(writer: WriteBuffer): void {
    for (const [key] of writer.writes) {
      const text = textOfKey(key);
      const others = (this.#writers.get(text) ?? []).filter((other) => other !== writer);
      if (others.length > 0) this.#writers.set(text, others);
      else this.#writers.delete(text);
    }
  }
}

/** Runs a transaction; it pauses after each micro-operation but the last, and others may go on. */
export function* runReadUncommitted(
  registers: Registers,
  uncommitted: UncommittedWrites,
  transaction: Transaction,
): Steps {
  const own = new WriteBuffer();
  const ownKeys = new Set(
    transaction.filter((operation) => !isRead(operation)).map(([, key]) => textOfKey(key)),
  );
  const done: MicroOperation[] = [];
  for (const operation of transaction) {
    if (done.length > 0) yield;
    const [f, key, value] = operation;
    if (isRead(operation)) {
      const visible = ownKeys.has(textOfKey(key)) ? own : uncommitted;
      done.push([f, key, visible.readOr(key, registers.read(key))]);
    } else {
      own.write(key, value);
      uncommitted.wrote(key, own);
      done.push(operation);
    }
  }
  registers.commit(own.writes);
  uncommitted.over(own);
  return done;
}
