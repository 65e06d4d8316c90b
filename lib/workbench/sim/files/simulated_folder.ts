/**
 * The one folder of a simulated machine, for programs that keep files. It outlives the nodes that use
 * it.
 *
 * Names have a journal, as in a file system of the operating system: creating, renaming and removing
 * are atomic, and take effect in their order. A loss of power undoes those at the journal's end that
 * no fsync of a folder has covered; an fsync of any folder covers all names, but no contents of
 * files, and an fsync of a file covers no names. Invariant: the durable names and the journal give
 * the present names.
 *
 * @module
 */

import type { Random } from "../../../base/mod.ts";
import { FileError } from "./file_error.ts";
import { SimulatedFile } from "./simulated_file.ts";

/** The name of the folder. Processes find it in their working directory. */
export const FOLDER_NAME = "storage";

/** A folder inside of the folder, or the folder itself. */
export interface Directory {
  readonly isDirectory: true;
  readonly number: number;
  readonly entries: Map<string, Entry>;
  /** The entries that survive a loss of power. */
  readonly durableEntries: Map<string, Entry>;
  modifiedMs: number;
}

/** What a name stands for. */
export type Entry = SimulatedFile | Directory;

/** A name, or one that no file has yet. */
export interface Place {
  readonly directory: Directory;
  readonly name: string;
  readonly entry: Entry | undefined;
}

/** A change of one name; one without an entry removes it. */
interface NameChange {
  readonly directory: Directory;
  readonly name: string;
  readonly entry: Entry | undefined;
}

/** What a loss of power did to the folder. */
interface FolderDamage {
  readonly lostChanges: number;
  readonly isTorn: boolean;
}

/** The folder of one simulated machine. */
export class SimulatedFolder {
  /** The working directory, which has the folder as its only entry. */
  readonly root: Directory;
  /** Each item is a change that happens as a whole. */
  #journal: (readonly NameChange[])[] = [];
  #syncedChanges = 0;
  #lastNumber = 0;

  constructor() {
    this.root = this.#newDirectory(0);
    const folder = this.#newDirectory(0);
    for (const entries of [this.root.entries, this.root.durableEntries]) {
      entries.set(FOLDER_NAME, folder);
    }
  }

  /** Whether a file was ever created. */
  get isUsed(): boolean {
    return this.changes > 0;
  }

  /** The number of changes of names so far. */
  get changes(): number {
    return this.#syncedChanges + this.#journal.length;
  }

  /** The number of changes of names that are durable. */
  get syncedChanges(): number {
    return this.#syncedChanges;
  }

  /**
   * Finds a path from the working directory. Throws a {@link FileError} when a folder on its way does
   * not exist, or when the path is outside of the folder.
   */
  find(path: string): Place {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) return { directory: this.root, name: ".", entry: this.root };
    let directory = this.root;
    for (const part of parts) {
      const entry = directory.entries.get(part);
      if (entry === undefined) throw new FileError("ENOENT", directory === this.root);
      if (!entry.isDirectory) throw new FileError("ENOTDIR");
      directory = entry;
    }
    return { directory, name, entry: directory.entries.get(name) };
  }

  /** Finds an existing path. Throws a {@link FileError}. */
  get(path: string): Entry {
    const { directory, entry } = this.find(path);
    if (entry === undefined) throw new FileError("ENOENT", directory === this.root);
    return entry;
  }

  createFile(place: Place, nowMs: number): SimulatedFile {
    const file = new SimulatedFile(++this.#lastNumber, nowMs);
    this.#change([{ ...this.#free(place), entry: file }], nowMs);
    return file;
  }

  createDirectory(path: string, nowMs: number): void {
    const place = this.#free(this.find(path));
    this.#change([{ ...place, entry: this.#newDirectory(nowMs) }], nowMs);
  }

  /** Removes a name of a file, or an empty directory. */
  remove(path: string, isDirectory: boolean, nowMs: number): void {
    const { entry, ...place } = this.#existing(path);
    if (!entry.isDirectory && isDirectory) throw new FileError("ENOTDIR");
    if (entry.isDirectory && !isDirectory) throw new FileError("EISDIR");
    if (entry.isDirectory && entry.entries.size > 0) throw new FileError("ENOTEMPTY");
    this.#change([{ ...place, entry: undefined }], nowMs);
  }

  /** Renames a file or a directory, and replaces what had the new name. */
  rename(from: string, to: string, nowMs: number): void {
    const source = this.#existing(from);
    const target = this.find(to);
    const { entry } = source;
    if (target.entry === entry) return;
    if (target.directory === this.root) throw rootError(target);
    if (partsOf(to).join("/").startsWith(`${partsOf(from).join("/")}/`)) {
      throw new FileError("EINVAL");
    }
    if (target.entry?.isDirectory === true) {
      if (!entry.isDirectory) throw new FileError("EISDIR");
      if (target.entry.entries.size > 0) throw new FileError("ENOTEMPTY");
    } else if (target.entry !== undefined && entry.isDirectory) throw new FileError("ENOTDIR");
    this.#change([{ ...target, entry }, { ...source, entry: undefined }], nowMs);
  }

  /** Gives a file one more name. */
  link(from: string, to: string, nowMs: number): void {
    const { entry } = this.#existing(from);
    if (entry.isDirectory) throw new FileError("EACCES");
    this.#change([{ ...this.#free(this.find(to)), entry }], nowMs);
  }

  /** Makes a number of changes of names durable, counted from the beginning. */
  syncNames(changes: number): void {
    const synced = this.#journal.splice(0, changes - this.#syncedChanges);
    this.#syncedChanges += synced.length;
    for (const { directory, name, entry } of synced.flat()) {
      set(directory.durableEntries, name, entry);
    }
  }

  /**
   * Cuts the machine's power. A random number survives of the changes of names that are not durable,
   * from the first one, and then of the changes of each file. In half of the cases in which a write is
   * lost, its beginning survives, too.
   */
  losePower(random: Random): FolderDamage {
    const lostNames = this.#journal.length - keptOf(this.#journal.length, random);
    this.syncNames(this.changes - lostNames);
    this.#journal = [];
    restore(this.root);
    let lostChanges = lostNames;
    let isTorn = false;
    for (const file of this.#files()) {
      const sizes = file.unsyncedSizes;
      const count = keptOf(sizes.length, random);
      const nextBytes = sizes[count] ?? 0;
      const tears = nextBytes > 1 && random.chance(1 / 2);
      file.losePower({ count, tornBytes: tears ? 1 + random.integer(nextBytes - 1) : 0 });
      lostChanges += sizes.length - count;
      isTorn ||= tears;
    }
    return { lostChanges, isTorn };
  }

  /** Damages a durable byte of a file; returns whether there is one. Only after a loss of power. */
  flipByte(random: Random): boolean {
    const files = [...this.#files()].filter(({ durableBytes }) => durableBytes > 0);
    if (files.length === 0) return false;
    const file = random.pick(files);
    file.flipByte(random.integer(file.durableBytes));
    return true;
  }

  #existing(path: string): Place & { readonly entry: Entry } {
    const { directory, name, entry } = this.find(path);
    if (entry === undefined) throw new FileError("ENOENT", directory === this.root);
    if (directory === this.root) throw rootError({ entry });
    return { directory, name, entry };
  }

  #free(place: Place): Place {
    if (place.entry !== undefined) throw new FileError("EEXIST");
    if (place.directory === this.root) throw rootError(place);
    return place;
  }

  #change(changes: readonly NameChange[], nowMs: number): void {
    this.#journal.push(changes);
    for (const { directory, name, entry } of changes) {
      set(directory.entries, name, entry);
      directory.modifiedMs = nowMs;
    }
  }

  #newDirectory(createdMs: number): Directory {
    return {
      isDirectory: true,
      number: ++this.#lastNumber,
      entries: new Map(),
      durableEntries: new Map(),
      modifiedMs: createdMs,
    };
  }

  #files(): Set<SimulatedFile> {
    const files = new Set<SimulatedFile>();
    const visit = ({ entries }: Directory) => {
      for (const entry of entries.values()) {
        if (entry.isDirectory) visit(entry);
        else files.add(entry);
      }
    };
    visit(this.root);
    return files;
  }
}

/** Only the folder itself is in the working directory; nothing can be created beside it. */
function rootError({ entry }: Pick<Place, "entry">): FileError {
  return entry === undefined ? new FileError("EACCES", true) : new FileError("EBUSY");
}

/** Returns how many of `count` changes survive. */
function keptOf(count: number, random: Random): number {
  return count === 0 ? 0 : random.integer(count + 1);
}

function set(entries: Map<string, Entry>, name: string, entry: Entry | undefined): void {
  if (entry === undefined) entries.delete(name);
  else entries.set(name, entry);
}

function restore({ entries, durableEntries }: Directory): void {
  entries.clear();
  for (const [name, entry] of durableEntries) {
    entries.set(name, entry);
    if (entry.isDirectory) restore(entry);
  }
}

/** Returns the names on a path's way from the working directory, which is the root. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}
