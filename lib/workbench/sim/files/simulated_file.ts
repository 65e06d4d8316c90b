/**
 * A simulated file: its contents as a process sees them, and what of them is durable.
 *
 * An operating system keeps changes in memory until an fsync. A loss of power undoes the changes that
 * no fsync has covered: a number of them survives, from the first one. The next one, if it is a
 * write, may be torn: its beginning survives, too. Invariant: the durable contents and the changes
 * that are not durable give the present contents.
 *
 * @module
 */

import { FileError } from "./file_error.ts";

/** The maximum length of a file, so that a wrong offset does not end the whole simulation. */
export const MAX_FILE_BYTES = 2 ** 28;

/** A change of a file: bytes are written at an offset, or the length is set. */
type Change = { readonly offset: number; readonly bytes: Uint8Array } | { readonly length: number };

/** Which changes survive a loss of power. */
export interface SurvivingChanges {
  /** The number of changes that survive, from the first one. */
  readonly count: number;
  /** The number of bytes of the next change that survive; 0 unless it is torn. */
  readonly tornBytes: number;
}

/** A file, with any number of names. */
export class SimulatedFile {
  readonly isDirectory = false;
  /** The file's number, which no other file of the disk has. */
  readonly number: number;
  /** When the file was changed last, in milliseconds since 1970 by the node's clock. */
  modifiedMs: number;
  readonly #present = new Contents();
  readonly #durable = new Contents();
  #unsynced: Change[] = [];
  #syncedChanges = 0;

  /** Creates an empty file. */
  constructor(number: number, createdMs: number) {
    this.number = number;
    this.modifiedMs = createdMs;
  }

  get length(): number {
    return this.#present.length;
  }

  /** The number of bytes that are durable. */
  get durableBytes(): number {
    return this.#durable.length;
  }

  /** The sizes in bytes of the changes that are not durable; 1 of one that is not a write. */
  get unsyncedSizes(): number[] {
    return this.#unsynced.map((change) => "length" in change ? 1 : change.bytes.length);
  }

  /** The number of changes so far. */
  get changes(): number {
    return this.#syncedChanges + this.#unsynced.length;
  }

  /** The number of changes that are durable. */
  get syncedChanges(): number {
    return this.#syncedChanges;
  }

  /** Copies bytes into `target`; returns how many, 0 at the end of the file. */
  read(offset: number, target: Uint8Array): number {
    const bytes = this.#present.bytes.subarray(offset, offset + target.length);
    target.set(bytes);
    return bytes.length;
  }

  /** Throws a {@link FileError} for a file that would be too long. */
  write(offset: number, bytes: Uint8Array, nowMs: number): void {
    if (offset + bytes.length > MAX_FILE_BYTES) throw new FileError("EFBIG");
    if (bytes.length > 0) this.#change({ offset, bytes: bytes.slice() }, nowMs);
  }

  /** Sets the length; new bytes are 0. Throws a {@link FileError} for an invalid length. */
  truncate(length: number, nowMs: number): void {
    if (!(length >= 0)) throw new FileError("EINVAL");
    if (length > MAX_FILE_BYTES) throw new FileError("EFBIG");
    if (length !== this.length) this.#change({ length }, nowMs);
  }

  /** Makes a number of changes durable, counted from the creation of the file. */
  sync(changes: number): void {
    const synced = this.#unsynced.splice(0, changes - this.#syncedChanges);
    this.#syncedChanges += synced.length;
    for (const change of synced) this.#durable.apply(change);
  }

  /** Undoes all changes that are not durable, except the surviving ones. */
  losePower({ count, tornBytes }: SurvivingChanges): void {
    const torn = this.#unsynced[count];
    this.sync(this.#syncedChanges + count);
    if (tornBytes > 0 && torn !== undefined && !("length" in torn)) {
      this.#durable.apply({ ...torn, bytes: torn.bytes.subarray(0, tornBytes) });
    }
    this.#unsynced = [];
    this.#present.copy(this.#durable);
  }

  /** Damages a durable byte of a file without changes that are not durable. */
  flipByte(offset: number): void {
    for (const contents of [this.#present, this.#durable]) {
      const { bytes } = contents;
      bytes[offset] = bytes[offset] as number ^ 0xff;
    }
  }

  #change(change: Change, nowMs: number): void {
    this.#unsynced.push(change);
    this.#present.apply(change);
    this.modifiedMs = nowMs;
  }
}

/** Bytes that grow. */
class Contents {
  #bytes = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  apply(change: Change): void {
    if ("length" in change) return this.#setLength(change.length);
    const { offset, bytes } = change;
    if (offset + bytes.length > this.#length) this.#setLength(offset + bytes.length);
    this.#bytes.set(bytes, offset);
  }

  copy({ bytes }: Contents): void {
    this.#bytes = bytes.slice();
    this.#length = bytes.length;
  }

  #setLength(length: number): void {
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.bytes);
      this.#bytes = grown;
    } else {
      this.#bytes.fill(0, length, this.#length);
    }
    this.#length = length;
  }
}
