/**
 * The versions of registers: every (key, value) that was written or read, and who wrote and read it.
 *
 * Only what a transaction shows to the outside counts for dependencies: its first access to a key if
 * that is a read, and its last write to the key. Invariant: readers and writers are committed
 * transactions; nobody reads or writes the initial state of a key under any other number than
 * `initial(key)`.
 *
 * @module
 */

import { TransactionMultimap } from "./transaction_multimap.ts";
import { ABORTED, COMMITTED, INDETERMINATE, type Transactions } from "./transactions.ts";
import { ValueTable } from "./value_table.ts";

/** A key as a transaction shows it; −1 where it shows no read, or no write. */
export interface ExternalAccess {
  readonly key: number;
  /** The version that it read first. */
  readonly read: number;
  /** The version that it wrote last. */
  readonly written: number;
}

/** All versions; see the module's comment. */
export class RegisterVersions {
  readonly readers: TransactionMultimap;
  readonly writers: TransactionMultimap;
  /** Of each version: whether it is known to have existed outside of its transaction. */
  readonly isExternal: Uint8Array;
  /** Of each version: whether anybody wrote it, be it in vain. */
  readonly isWritten: Uint8Array;
  /** Of each version: an aborted transaction that wrote it, or −1. */
  readonly abortedWriter: Int32Array;
  /** Of each version: a transaction that wrote it and then wrote the key again, or −1. */
  readonly intermediateWriter: Int32Array;
  readonly #transactions: Transactions;
  readonly #table: ValueTable;
  /** Of each micro-operation: the version that it read or wrote. */
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

  /** How many versions there are. */
  get count(): number {
    return this.#table.count;
  }

  /** The initial state of a key; versions below the number of keys are these. */
  initialVersion(key: number): number {
    return key;
  }

  /** Whether a version is the initial state of its key. */
  isInitial(version: number): boolean {
    return version < this.#transactions.keys.length;
  }

  keyOf(version: number): number {
    return this.#table.key[version] as number;
  }

  valueOf(version: number): unknown {
    return this.#table.value[version];
  }

  /** The version that a micro-operation read or wrote. */
  versionOf(micro: number): number {
    return this.#version[micro] as number;
  }

  /** What a transaction shows of the keys that it uses. */
  externalAccesses(transaction: number): ExternalAccess[] {
    const { start, isRead, key } = this.#transactions;
    const accesses = new Map<number, { key: number; read: number; written: number }>();
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyNumber = key[micro] as number;
      const version = this.versionOf(micro);
      const access = accesses.get(keyNumber);
      if (access === undefined) {
        accesses.set(
          keyNumber,
          isRead[micro] === 1
            ? { key: keyNumber, read: version, written: -1 }
            : { key: keyNumber, read: -1, written: version },
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
          // Its writes may have happened; what it read is unknown, and so is when it ended.
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
        const keyNumber = key[micro] as number;
        this.isWritten[version] = 1;
        if (outcome[transaction] === ABORTED) this.abortedWriter[version] = transaction;
        if (lastWriter[keyNumber] === transaction) {
          this.intermediateWriter[lastVersion[keyNumber] as number] = transaction;
        }
        lastVersion[keyNumber] = version;
        lastWriter[keyNumber] = transaction;
      }
    }
  }

  /** Calls back for each read of a committed transaction that did not show the initial state. */
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
