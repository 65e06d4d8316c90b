/**
 * The versions of registers: each (key, value) pair that was written or read, with the transactions
 * that wrote and read it.
 *
 * Only external accesses count for dependencies: a transaction's first access to a key if it is a
 * read, and its last write to the key.
 *
 * Invariants: readers and writers are committed transactions. Versions below the number of keys are
 * the keys' initial versions, whose value is `null`.
 *
 * @module
 */

import { TransactionMultimap } from "./transaction_multimap.ts";
import { ABORTED, COMMITTED, INDETERMINATE, type Transactions } from "./transactions.ts";
import { ValueTable } from "./value_table.ts";

/** A transaction's external accesses to a key. */
export interface ExternalAccess {
  readonly key: number;
  /** The version of the external read, or −1 if there is none. */
  readonly read: number;
  /** The version of the external write, or −1 if there is none. */
  readonly written: number;
}

/** The versions of all registers, as dense integers. */
export class RegisterVersions {
  /** The transactions with an external read of each version. */
  readonly readers: TransactionMultimap;
  /** The transactions with an external write of each version. */
  readonly writers: TransactionMultimap;
  /**
   * Per version: 1 if it has an external read by a committed transaction, or an external write by a
   * transaction that did not abort; else 0.
   */
  readonly isExternal: Uint8Array;
  /** Per version: 1 if a transaction wrote it, whatever its outcome, else 0. */
  readonly isWritten: Uint8Array;
  /** Per version: an aborted transaction that wrote it, or −1. */
  readonly abortedWriter: Int32Array;
  /** Per version: a transaction that wrote it and later wrote its key again, or −1. */
  readonly intermediateWriter: Int32Array;
  readonly #transactions: Transactions;
  readonly #table: ValueTable;
  /** Per micro-operation: the version that it read or wrote. */
  readonly #version: Int32Array;

  constructor(transactions: Transactions) {
    const { keys, key, value } = transactions;
    this.#transactions = transactions;
    this.#table = new ValueTable(keys.length);
    for (let number = 0; number < keys.length; number++) this.#table.idOf(number, null);
    this.#version = Int32Array.from(
      value,
      (member, micro) => this.#table.idOf(key[micro] as number, member ?? null),
    );
    const { count } = this.#table;
    this.readers = new TransactionMultimap(count);
    this.writers = new TransactionMultimap(count);
    this.isExternal = new Uint8Array(count);
    this.isWritten = new Uint8Array(count);
    this.abortedWriter = new Int32Array(count).fill(-1);
    this.intermediateWriter = new Int32Array(count).fill(-1);
    this.#indexExternalAccesses();
    this.#indexWrites();
  }

  /** The number of versions. */
  get count(): number {
    return this.#table.count;
  }

  /** Returns the initial version of a key. */
  initialVersion(key: number): number {
    return key;
  }

  /** Returns whether a version is the initial version of its key. */
  isInitial(version: number): boolean {
    return version < this.#transactions.keys.length;
  }

  /** Returns the key of a version. */
  keyOf(version: number): number {
    return this.#table.key[version] as number;
  }

  /** Returns the value of a version. */
  valueOf(version: number): unknown {
    return this.#table.value[version];
  }

  /** Returns the version that a micro-operation read or wrote. */
  versionOf(micro: number): number {
    return this.#version[micro] as number;
  }

  /** Returns a transaction's external accesses, one entry a key. */
  externalAccesses(transaction: number): ExternalAccess[] {
    const { start, isRead, key } = this.#transactions;
    const accesses = new Map<number, { key: number; read: number; written: number }>();
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      const version = this.versionOf(micro);
      const access = accesses.get(keyIndex);
      if (access === undefined) {
        accesses.set(
          keyIndex,
          isRead[micro] === 1
            ? { key: keyIndex, read: version, written: -1 }
            : { key: keyIndex, read: -1, written: version },
        );
      } else if (isRead[micro] !== 1) access.written = version;
    }
    return [...accesses.values()];
  }

  #indexExternalAccesses(): void {
    const { count, outcome } = this.#transactions;
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] === ABORTED) continue;
      for (const { read, written } of this.externalAccesses(transaction)) {
        if (outcome[transaction] === INDETERMINATE) {
          // The writes may have taken effect, but the reads and the time of completion are unknown.
          if (written >= 0) this.isExternal[written] = 1;
          continue;
        }
        if (read >= 0) {
          this.readers.add(read, transaction);
          this.isExternal[read] = 1;
        }
        if (written >= 0) {
          this.writers.add(written, transaction);
          this.isExternal[written] = 1;
        }
      }
    }
  }

  #indexWrites(): void {
    const { count, outcome, start, isRead, key, keys } = this.#transactions;
    const lastVersion = new Int32Array(keys.length);
    const lastWriter = new Int32Array(keys.length).fill(-1);
    for (let transaction = 0; transaction < count; transaction++) {
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] === 1) continue;
        const version = this.versionOf(micro);
        const keyIndex = key[micro] as number;
        this.isWritten[version] = 1;
        if (outcome[transaction] === ABORTED) this.abortedWriter[version] = transaction;
        if (lastWriter[keyIndex] === transaction) {
          this.intermediateWriter[lastVersion[keyIndex] as number] = transaction;
        }
        lastVersion[keyIndex] = version;
        lastWriter[keyIndex] = transaction;
      }
    }
  }

  /** Calls `callback` with each read by a committed transaction, except of initial versions. */
  forEachRead(callback: (micro: number, version: number, transaction: number) => void): void {
    const { count, outcome, start, isRead } = this.#transactions;
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] !== COMMITTED) continue;
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        const version = this.versionOf(micro);
        if (isRead[micro] === 1 && !this.isInitial(version)) callback(micro, version, transaction);
      }
    }
  }
}
