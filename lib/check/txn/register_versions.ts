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

import { type DuplicateWrite, DuplicateWriteError } from "./history_errors.ts";
import { TransactionMultimap } from "./transaction_multimap.ts";
import { ABORTED, COMMITTED, type Transactions } from "./transactions.ts";
import { ValueTable } from "./value_table.ts";

/** Stands for several transactions that wrote a version: which of them a read saw is unknown. */
const SEVERAL_WRITERS = -2;

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
  /**
   * Per version: the only transaction with an external write of it that did not abort; −1 if there is
   * none, {@link SEVERAL_WRITERS} if there are several.
   */
  readonly externalWriter: Int32Array;
  /** See {@link #collectAccesses}. */
  readonly accessStart: Int32Array;
  /** Per access: its key. */
  readonly accessKey: Int32Array;
  /** Per access: the version of the external read, or −1 if there is none. */
  readonly accessRead: Int32Array;
  /** Per access: the version of the external write, or −1 if there is none. */
  readonly accessWritten: Int32Array;
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

  /**
   * Throws a {@link DuplicateWriteError} if several committed transactions wrote a version that was
   * read.
   */
  constructor(transactions: Transactions) {
    const { keys, key, value } = transactions;
    this.#transactions = transactions;
    this.#table = new ValueTable(keys.length);
    for (let number = 0; number < keys.length; number++) this.#table.idOf(number, null);
    this.#version = new Int32Array(value.length);
    for (let micro = 0; micro < value.length; micro++) {
      this.#version[micro] = this.#table.idOf(key[micro] as number, value[micro] ?? null);
    }
    const { count } = this.#table;
    this.readers = new TransactionMultimap(count);
    this.writers = new TransactionMultimap(count);
    this.isExternal = new Uint8Array(count);
    this.isWritten = new Uint8Array(count);
    this.abortedWriter = new Int32Array(count).fill(-1);
    this.intermediateWriter = new Int32Array(count).fill(-1);
    this.externalWriter = new Int32Array(count).fill(-1);
    this.accessStart = new Int32Array(transactions.count + 1);
    this.accessKey = new Int32Array(key.length);
    this.accessRead = new Int32Array(key.length).fill(-1);
    this.accessWritten = new Int32Array(key.length).fill(-1);
    this.#collectAccesses();
    this.#indexExternalAccesses();
    this.#indexWrites();
    const duplicates = this.#duplicateWrites();
    if (duplicates.length > 0) throw new DuplicateWriteError(duplicates);
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

  /**
   * Collects the external accesses of each transaction, one entry a key: those of transaction t are
   * numbered `accessStart[t]` to `accessStart[t + 1] - 1`.
   */
  #collectAccesses(): void {
    const { count, start, isRead, key, keys } = this.#transactions;
    const usedBy = new Int32Array(keys.length).fill(-1);
    const accessOf = new Int32Array(keys.length);
    let accesses = 0;
    for (let transaction = 0; transaction < count; transaction++) {
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        const keyIndex = key[micro] as number;
        if (usedBy[keyIndex] !== transaction) {
          usedBy[keyIndex] = transaction;
          accessOf[keyIndex] = accesses;
          this.accessKey[accesses++] = keyIndex;
        } else if (isRead[micro] === 1) continue;
        const access = accessOf[keyIndex] as number;
        const versions = isRead[micro] === 1 ? this.accessRead : this.accessWritten;
        versions[access] = this.versionOf(micro);
      }
      this.accessStart[transaction + 1] = accesses;
    }
  }

  #indexExternalAccesses(): void {
    const { count, outcome } = this.#transactions;
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] === ABORTED) continue;
      const isCommitted = outcome[transaction] === COMMITTED;
      const end = this.accessStart[transaction + 1] as number;
      for (let access = this.accessStart[transaction] as number; access < end; access++) {
        const read = this.accessRead[access] as number;
        const written = this.accessWritten[access] as number;
        // The writes of an indeterminate transaction may have taken effect, but its reads and the
        // time of its completion are unknown.
        if (read >= 0 && isCommitted) {
          this.readers.add(read, transaction);
          this.isExternal[read] = 1;
        }
        if (written < 0) continue;
        this.isExternal[written] = 1;
        this.externalWriter[written] = this.externalWriter[written] === -1
          ? transaction
          : SEVERAL_WRITERS;
        if (isCommitted) this.writers.add(written, transaction);
      }
    }
  }

  /** Returns the versions that were read and that several committed transactions wrote. */
  #duplicateWrites(): DuplicateWrite[] {
    const duplicates: DuplicateWrite[] = [];
    for (let version = 0; version < this.count; version++) {
      if (!this.writers.hasMultiple(version) || this.readers.last(version) < 0) continue;
      const key = this.keyOf(version);
      duplicates.push({
        key,
        keyValue: this.#transactions.keys[key],
        value: this.valueOf(version),
      });
    }
    return duplicates;
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
