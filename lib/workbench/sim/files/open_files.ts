/**
 * The files that one process has open, and what it can do by path. Paths are relative to the working
 * directory, which is also the root.
 *
 * An fsync takes time; all else takes none, as it happens in the operating system's memory. What a
 * process has done stays when the process ends, but an fsync in progress covers nothing.
 *
 * @module
 */

import { compareAscending } from "../../../base/mod.ts";
import type { DiskUser } from "../simulated_disk.ts";
import { FileError } from "./file_error.ts";
import type { SimulatedFile } from "./simulated_file.ts";
import type { Entry, SimulatedFolder } from "./simulated_folder.ts";

/** The first descriptor after those of the standard streams. */
const FIRST_DESCRIPTOR = 3;

/** How a file is opened. */
export interface OpenOptions {
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  /** Whether each write goes to the end of the file. */
  readonly appends: boolean;
  readonly creates: boolean;
  /** Whether the file must not exist. */
  readonly isExclusive: boolean;
  readonly truncates: boolean;
  /** Whether it must be a directory. */
  readonly isDirectory: boolean;
}

/** An open file or directory. */
export interface OpenFile {
  readonly path: string;
  readonly entry: Entry;
  readonly options: OpenOptions;
  /** Whether each write goes to the end of the file. */
  appends: boolean;
  position: number;
  /** The entries of a directory when the program began to read them. */
  listing?: readonly NamedEntry[];
}

/** An entry of a directory, and its name. */
export type NamedEntry = readonly [name: string, entry: Entry];

/** What an open file needs of its node. */
export interface FileUser extends DiskUser {
  /** Milliseconds since 1970 by the node's clock. */
  wallClock(): number;
}

/** How long fsyncs take. */
export interface FsyncTiming {
  /** Returns how many milliseconds the next fsync takes. */
  latencyMs(): number;
  /** Called when an fsync begins that makes something durable. */
  onBegin(durationMs: number): void;
}

/** The open files of one incarnation of a node. */
export class OpenFiles {
  readonly #folder: SimulatedFolder;
  readonly #user: FileUser;
  readonly #timing: FsyncTiming;
  readonly #files = new Map<number, OpenFile>();

  /** Starts without an open file. */
  constructor(folder: SimulatedFolder, user: FileUser, timing: FsyncTiming) {
    this.#folder = folder;
    this.#user = user;
    this.#timing = timing;
  }

  /** Opens a path; returns the lowest free descriptor. Throws a {@link FileError}. */
  open(path: string, options: OpenOptions): number {
    const place = this.#running.find(path);
    let { entry } = place;
    if (entry !== undefined && options.creates && options.isExclusive) {
      throw new FileError("EEXIST");
    }
    if (entry === undefined) {
      if (!options.creates) this.#running.get(path);
      entry = this.#running.createFile(place, this.#nowMs);
    }
    if (entry.isDirectory && (options.isWritable || options.creates)) throw new FileError("EISDIR");
    if (!entry.isDirectory && options.isDirectory) throw new FileError("ENOTDIR");
    if (!entry.isDirectory && options.truncates) entry.truncate(0, this.#nowMs);
    let descriptor = FIRST_DESCRIPTOR;
    while (this.#files.has(descriptor)) descriptor++;
    this.#files.set(descriptor, { path, entry, options, appends: options.appends, position: 0 });
    return descriptor;
  }

  /** Returns what is open. Throws a {@link FileError} for a descriptor that is not open. */
  get(descriptor: number): OpenFile {
    const file = this.#user.isRunning() ? this.#files.get(descriptor) : undefined;
    if (file === undefined) throw new FileError("EBADF");
    return file;
  }

  isOpen(descriptor: number): boolean {
    return this.#files.has(descriptor);
  }

  close(descriptor: number): void {
    if (!this.#files.delete(descriptor)) throw new FileError("EBADF");
  }

  /** Reads at an offset, or at the position, which then moves; returns the number of bytes. */
  read(descriptor: number, target: Uint8Array, offset?: number): number {
    const open = this.get(descriptor);
    const file = fileOf(open);
    if (!open.options.isReadable) throw new FileError("EBADF");
    const length = file.read(checkedOffset(offset ?? open.position), target);
    if (offset === undefined) open.position += length;
    return length;
  }

  /** Writes at an offset, or at the position, which then moves. */
  write(descriptor: number, bytes: Uint8Array, offset?: number): void {
    const open = this.get(descriptor);
    const file = fileOf(open);
    if (!open.options.isWritable) throw new FileError("EBADF");
    // As on Linux, an offset does not count for a file to which writes append.
    const at = open.appends ? file.length : checkedOffset(offset ?? open.position);
    file.write(at, bytes, this.#nowMs);
    if (offset === undefined) open.position = at + bytes.length;
  }

  truncate(descriptor: number, length: number): void {
    const open = this.get(descriptor);
    if (!open.options.isWritable) throw new FileError("EINVAL");
    fileOf(open).truncate(length, this.#nowMs);
  }

  /** Truncates a file by its path. */
  truncatePath(path: string, length: number): void {
    const entry = this.#running.get(path);
    if (entry.isDirectory) throw new FileError("EISDIR");
    entry.truncate(length, this.#nowMs);
  }

  /** Continues the process when what was changed before this call is durable. */
  sync(descriptor: number, resume: () => void): void {
    const { entry } = this.get(descriptor);
    const { changes, syncedChanges } = entry.isDirectory ? this.#folder : entry;
    const durationMs = this.#timing.latencyMs();
    if (changes > syncedChanges) this.#timing.onBegin(durationMs);
    this.#user.after(durationMs, () => {
      if (!this.#user.isRunning()) return;
      if (entry.isDirectory) this.#folder.syncNames(changes);
      else entry.sync(changes);
      this.#user.resume(resume);
    });
  }

  stat(path: string): Entry {
    return this.#running.get(path);
  }

  /**
   * Returns the entries of an open directory that follow the first `skipped`. They are those of the
   * time when the program asked for the first ones, so that it can remove each entry that it reads.
   */
  list(descriptor: number, skipped: number): readonly NamedEntry[] {
    const open = this.get(descriptor);
    if (skipped === 0 || open.listing === undefined) open.listing = this.entriesOf(open.entry);
    return open.listing.slice(skipped);
  }

  /** Sets when a file or a directory was changed last. */
  setModified(entry: Entry, modifiedMs: number): void {
    if (!this.#user.isRunning()) throw new FileError("EBADF");
    entry.modifiedMs = modifiedMs;
  }

  /** Returns the entries of a directory by their names, in the names' order. */
  entriesOf(entry: Entry): NamedEntry[] {
    if (!entry.isDirectory) throw new FileError("ENOTDIR");
    return [...entry.entries].sort(([a], [b]) => compareAscending(a, b));
  }

  createDirectory(path: string): void {
    this.#running.createDirectory(path, this.#nowMs);
  }

  removeDirectory(path: string): void {
    this.#running.remove(path, true, this.#nowMs);
  }

  removeFile(path: string): void {
    this.#running.remove(path, false, this.#nowMs);
  }

  rename(from: string, to: string): void {
    this.#running.rename(from, to, this.#nowMs);
  }

  link(from: string, to: string): void {
    this.#running.link(from, to, this.#nowMs);
  }

  /** The folder, while the process runs; code that an ended one still runs has no effect. */
  get #running(): SimulatedFolder {
    if (!this.#user.isRunning()) throw new FileError("EBADF");
    return this.#folder;
  }

  get #nowMs(): number {
    return this.#user.wallClock();
  }
}

/** The properties of a file or a directory. */
export interface FileStatus {
  readonly number: number;
  /** 0 of a directory. */
  readonly length: number;
  readonly modifiedMs: number;
  readonly isDirectory: boolean;
}

/** Returns the status of a file or a directory. */
export function statusOf(entry: Entry): FileStatus {
  const { number, modifiedMs, isDirectory } = entry;
  return { number, length: entry.isDirectory ? 0 : entry.length, modifiedMs, isDirectory };
}

function fileOf({ entry }: OpenFile): SimulatedFile {
  if (entry.isDirectory) throw new FileError("EISDIR");
  return entry;
}

/** Returns an offset. Throws a {@link FileError} for a negative one. */
export function checkedOffset(offset: number): number {
  if (!(offset >= 0)) throw new FileError("EINVAL");
  return offset;
}
