/**
 * A multimap from dense integers (versions, keys) to transactions. Its values are linked lists in
 * shared arrays, which need less memory than an array for each of many short lists.
 *
 * @module
 */

/** A multimap from the integers 0 to `size - 1` to transactions. */
export class TransactionMultimap {
  readonly #head: Int32Array;
  readonly #next: number[] = [];
  readonly #transaction: number[] = [];

  constructor(size: number) {
    this.#head = new Int32Array(size).fill(-1);
  }

  /** Adds a transaction under a key, unless the last one added there is the same. */
  add(key: number, transaction: number): void {
    const head = this.#head[key] as number;
    if (head >= 0 && this.#transaction[head] === transaction) return;
    this.#head[key] = this.#transaction.length;
    this.#next.push(head);
    this.#transaction.push(transaction);
  }

  /** Calls `callback` with each transaction of a key, the last one added first. */
  forEach(key: number, callback: (transaction: number) => void): void {
    let entry = this.#head[key] as number;
    while (entry >= 0) {
      callback(this.#transaction[entry] as number);
      entry = this.#next[entry] as number;
    }
  }

  /** Returns the transaction that was last added under a key, or −1 if there is none. */
  last(key: number): number {
    return this.#transaction[this.#head[key] as number] ?? -1;
  }

  /** Returns whether a key has more than one transaction. */
  hasMultiple(key: number): boolean {
    return (this.#next[this.#head[key] as number] ?? -1) >= 0;
  }

  /** Returns whether a transaction was added under a key. */
  has(key: number, transaction: number): boolean {
    let found = false;
    this.forEach(key, (other) => found ||= other === transaction);
    return found;
  }
}
