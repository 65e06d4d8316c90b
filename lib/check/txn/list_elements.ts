/**
 * The elements of the lists: every (key, element) that was appended or read, as a dense integer, and
 * who appended it.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { DuplicateWriteError } from "./history_errors.ts";
import { equalityKey, type Transactions } from "./transactions.ts";
import { ValueTable } from "./value_table.ts";

/** No transaction. */
export const NO_TRANSACTION = -1;

/** All elements; those that nobody appended are added when a read shows them. */
export class ListElements {
  /** Of each element: the transaction that appended it, or {@link NO_TRANSACTION}. */
  readonly writer: number[] = [];
  /** Of each element: whether its transaction appended another one to the same key afterwards. */
  readonly isIntermediate: boolean[] = [];
  readonly #table: ValueTable;

  /** Throws a {@link DuplicateWriteError} when an element was to be appended twice to a key. */
  constructor(transactions: Transactions) {
    this.#table = new ValueTable(transactions.keys.length);
    const { count, start, isRead, key, value, keys } = transactions;
    const lastAppend = new Int32Array(keys.length);
    const appendedBy = new Int32Array(keys.length).fill(-1);
    for (let transaction = 0; transaction < count; transaction++) {
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] === 1) continue;
        const keyNumber = key[micro] as number;
        const element = this.idOf(keyNumber, value[micro]);
        const other = this.writer[element] as number;
        if (other !== NO_TRANSACTION) throwIfBothRequested(transactions, micro, other, transaction);
        this.writer[element] = transaction;
        if (appendedBy[keyNumber] === transaction) {
          this.isIntermediate[lastAppend[keyNumber] as number] = true;
        }
        appendedBy[keyNumber] = transaction;
        lastAppend[keyNumber] = element;
      }
    }
  }

  /** How many there are. */
  get count(): number {
    return this.#table.count;
  }

  /** The element itself. */
  valueOf(element: number): unknown {
    return this.#table.value[element];
  }

  /** The number of an element of a key; a new one if it was never seen. */
  idOf(key: number, value: unknown): number {
    const number = this.#table.idOf(key, value);
    if (number === this.writer.length) {
      this.writer.push(NO_TRANSACTION);
      this.isIntermediate.push(false);
    }
    return number;
  }
}

/** That two replies name the same append is the test's fault only if both requests did. */
function throwIfBothRequested(
  transactions: Transactions,
  micro: number,
  first: number,
  second: number,
): void {
  const key = transactions.keys[transactions.key[micro] as number];
  const value = transactions.value[micro];
  const requested = [first, second].map((transaction) =>
    countAppends(transactions.invocations[transaction] as Operation, key, value)
  );
  const needed = first === second ? 2 : 1;
  if (requested.every((count) => count >= needed)) throw new DuplicateWriteError(key, value);
}

function countAppends(invocation: Operation, key: unknown, value: unknown): number {
  const micros = Array.isArray(invocation.value) ? invocation.value : [];
  return micros.filter((micro) =>
    Array.isArray(micro) && micro[0] !== "r" && equalityKey(micro[1]) === equalityKey(key) &&
    equalityKey(micro[2]) === equalityKey(value)
  ).length;
}
