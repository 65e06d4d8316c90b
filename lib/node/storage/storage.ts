/**
 * What a node keeps when it loses its memory: a snapshot and the records after it. `node.storage`
 * implements {@link Storage}; docs/nodes.md says where the data goes.
 *
 * @module
 */

/** The contents of a disk when its node starts. */
export interface Recovered {
  /** The snapshot of the last {@link Storage.replace}; undefined without one. */
  readonly snapshot: Uint8Array | undefined;
  /** The records after the snapshot, oldest first. */
  readonly records: readonly Uint8Array[];
}

/** A node's disk: one snapshot and the records appended after it. */
export interface Storage {
  /**
   * Reads the disk. Call it once, before all other methods, which throw until it has resolved. A
   * record that was being written when the power failed is incomplete at the end of the disk, and is
   * cut: no `sync` after it has resolved.
   *
   * @throws {CorruptStorageError} A complete record is damaged. A program that does not catch this
   *   ends before it serves requests.
   */
  recover(): Promise<Recovered>;
  /**
   * Appends a record of at most 2 GiB, which is copied. The record survives the end of the process
   * once the present event has ended. It survives a loss of power once a later {@link Storage.sync}
   * has resolved. Records become durable in order. If the disk fails, the node ends.
   */
  append(record: Uint8Array): void;
  /**
   * Resolves when all records that were recovered, or appended before the call, are durable. It never
   * rejects: if the disk fails, the node ends. Calls that overlap share an fsync.
   */
  sync(): Promise<void>;
  /**
   * Replaces everything by a snapshot and the records after it. Atomic: after a failure the disk has
   * either the old contents or the new ones. Resolves when the new ones are durable. Records
   * appended later follow `records`.
   */
  replace(snapshot: Uint8Array, records?: readonly Uint8Array[]): Promise<void>;
}

/** Thrown by {@link Storage.recover}; the message names the file, the offset, and what to do. */
export class CorruptStorageError extends Error {
  /** The name of the class. */
  override readonly name = "CorruptStorageError";
}
