/**
 * A member's log: a snapshot, and the entries after it.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import type { Entry, Snapshot } from "./types.ts";

/** The log. Indices start at 1; the entry at index 0 has term 0 and stands for the empty log. */
export class Log {
  #snapshot: Snapshot | undefined;
  #entries: Entry[];
  readonly #initialMembers: readonly string[];
  #membersIndex = 0;
  #members: readonly string[] = [];

  /** Creates a log; `initialMembers` are the members until an entry or a snapshot names others. */
  constructor(
    initialMembers: readonly string[],
    snapshot: Snapshot | undefined,
    entries: readonly Entry[],
  ) {
    this.#initialMembers = initialMembers;
    this.#snapshot = snapshot;
    this.#entries = [...entries];
    this.#findMembers();
  }

  /** The snapshot that replaces the entries up to its index. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** The index of the snapshot; 0 without one. */
  get snapshotIndex(): number {
    return this.#snapshot?.index ?? 0;
  }

  get lastIndex(): number {
    return this.snapshotIndex + this.#entries.length;
  }

  get lastTerm(): number {
    return this.termAt(this.lastIndex) as number;
  }

  /** The members by the latest configuration in the log, committed or not (section 6). */
  get members(): readonly string[] {
    return this.#members;
  }

  /** The index of the latest configuration; 0 for the initial one. */
  get membersIndex(): number {
    return this.#membersIndex;
  }

  /** The term of the entry at an index; undefined if it is compacted or does not exist. */
  termAt(index: number): number | undefined {
    if (index === this.snapshotIndex) return this.#snapshot?.term ?? 0;
    return this.entryAt(index)?.term;
  }

  /** The entry at an index; undefined if it is compacted or does not exist. */
  entryAt(index: number): Entry | undefined {
    return this.#entries[index - this.snapshotIndex - 1];
  }

  /** Returns at most `max` entries from an index on. */
  slice(from: number, max: number): Entry[] {
    invariant(from > this.snapshotIndex, "entries up to the snapshot are compacted");
    const start = from - this.snapshotIndex - 1;
    return this.#entries.slice(start, start + max);
  }

  /** Appends entries of this node's own, as the leader (leader append-only, figure 3). */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      invariant(entry.term >= this.lastTerm, "terms never decrease along a log");
      this.#entries.push(entry);
      this.#noteMembers(entry, this.lastIndex);
    }
  }

  /**
   * Returns the first of a leader's entries that differs from this log or extends it; undefined if
   * the log has them all. The log must match the leader's at `prevIndex`.
   */
  firstNew(prevIndex: number, entries: readonly Entry[]): number | undefined {
    for (const [offset, entry] of entries.entries()) {
      const index = prevIndex + 1 + offset;
      if (index > this.snapshotIndex && this.termAt(index) !== entry.term) return index;
    }
    return undefined;
  }

  /** Removes all entries from an index on. */
  truncate(from: number): void {
    invariant(from > this.snapshotIndex, "a snapshot is never truncated");
    this.#entries.length = from - this.snapshotIndex - 1;
    if (this.#membersIndex >= from) this.#findMembers();
  }

  /** Returns the first index that has the term of the entry at `index`, as far as is known. */
  firstOfTermAt(index: number): number {
    const term = this.termAt(index);
    let first = index;
    while (first - 1 > this.snapshotIndex && this.termAt(first - 1) === term) first--;
    return first;
  }

  /** Returns the last index whose entry has a term; undefined if there is none. */
  lastOfTerm(term: number): number | undefined {
    for (let index = this.lastIndex; index >= this.snapshotIndex; index--) {
      const found = this.termAt(index) as number;
      if (found === term) return index;
      if (found < term) return undefined;
    }
    return undefined;
  }

  /** Returns the members as of an index that is not compacted. */
  membersAt(index: number): readonly string[] {
    for (let at = index; at > this.snapshotIndex; at--) {
      const members = this.entryAt(at)?.members;
      if (members !== undefined) return members;
    }
    return this.#snapshot?.members ?? this.#initialMembers;
  }

  /** Replaces the entries up to a snapshot's index by it (section 7). */
  compact(snapshot: Snapshot): void {
    invariant(snapshot.index > this.snapshotIndex, "a snapshot only replaces an older one");
    invariant(this.termAt(snapshot.index) === snapshot.term, "a snapshot has its entry's term");
    this.#entries = this.#entries.slice(snapshot.index - this.snapshotIndex);
    this.#snapshot = snapshot;
  }

  /** Replaces the whole log by a leader's snapshot (section 7). */
  install(snapshot: Snapshot): void {
    invariant(snapshot.index > this.snapshotIndex, "a snapshot only replaces an older one");
    this.#entries = [];
    this.#snapshot = snapshot;
    this.#findMembers();
  }

  #findMembers(): void {
    this.#membersIndex = this.snapshotIndex;
    this.#members = this.#snapshot?.members ?? this.#initialMembers;
    for (const [offset, entry] of this.#entries.entries()) {
      this.#noteMembers(entry, this.snapshotIndex + 1 + offset);
    }
  }

  #noteMembers({ members }: Entry, index: number): void {
    if (members === undefined) return;
    this.#members = members;
    this.#membersIndex = index;
  }
}
