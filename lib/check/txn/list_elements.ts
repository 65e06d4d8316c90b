/**
 * The elements of the lists: every (key, element) that was appended or read, as a dense integer, and
 * who appended it.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { DuplicateWriteError } from "./malformed.ts";
import { identityOf, type Transactions } from "./transactions.ts";
import { ValueTable } from "./value_table.ts";

/** No transaction. */
export const NOBODY = -1;

/** All elements; those that nobody appended are added when a read shows them. */
export class ListElements {
  /** Of each element: the transaction that appended it, or {@link NOBODY}. */
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
        const element = this.numberOf(keyNumber, value[micro]);
        const other = this.writer[element] as number;
        if (other !== NOBODY) refuseIfIntended(transactions, micro, other, transaction);
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
  numberOf(key: number, value: unknown): number {
    const number = this.#table.numberOf(key, value);
    if (number === this.writer.length) {
      this.writer.push(NOBODY);
      this.isIntermediate.push(false);
    }
    return number;
  }
}

/** That two replies name the same append is the test's fault only if both requests did. */
function refuseIfIntended(
  transactions: Transactions,
  micro: number,
  first: number,
  second: number,
): void {
  const key = transactions.keys[transactions.key[micro] as number];
  const value = transactions.value[micro];
  const requested = [first, second].map((transaction) =>
    appendsOf(transactions.invocations[transaction] as Operation, key, value)
  );
  const needed = first === second ? 2 : 1;
  if (requested.every((count) => count >= needed)) throw new DuplicateWriteError(key, value);
}

function appendsOf(invocation: Operation, key: unknown, value: unknown): number {
  const micros = Array.isArray(invocation.value) ? invocation.value : [];
  return micros.filter((micro) =>
    Array.isArray(micro) && micro[0] !== "r" && identityOf(micro[1]) === identityOf(key) &&
    identityOf(micro[2]) === identityOf(value)
  ).length;
}
