/**
 * Which transactions go with a number (a version, a key): lists of them, linked through arrays so
 * that a hundred thousand short lists cost little.
 *
 * @module
 */

/** A list of transactions for each number from 0 to `size - 1`. */
export class TransactionMultimap {
  readonly #head: Int32Array;
  readonly #next: number[] = [];
  readonly #transaction: number[] = [];

  constructor(size: number) {
    this.#head = new Int32Array(size).fill(-1);
  }

  /** Adds a transaction to a list, unless it was the last one added there. */
  add(number: number, transaction: number): void {
    const head = this.#head[number] as number;
    if (head >= 0 && this.#transaction[head] === transaction) return;
    this.#head[number] = this.#transaction.length;
    this.#next.push(head);
    this.#transaction.push(transaction);
  }

  /** Calls back for each transaction in a list, the last one added first. */
  forEach(number: number, callback: (transaction: number) => void): void {
    let entry = this.#head[number] as number;
    while (entry >= 0) {
      callback(this.#transaction[entry] as number);
      entry = this.#next[entry] as number;
    }
  }

  /** The last transaction added to a list, or −1 if it is empty. */
  last(number: number): number {
    return this.#transaction[this.#head[number] as number] ?? -1;
  }

  /** Whether a list holds more than one. */
  hasMultiple(number: number): boolean {
    return (this.#next[this.#head[number] as number] ?? -1) >= 0;
  }

  /** Whether a list holds this transaction. */
  has(number: number, transaction: number): boolean {
    let found = false;
    this.forEach(number, (other) => found ||= other === transaction);
    return found;
  }
}
