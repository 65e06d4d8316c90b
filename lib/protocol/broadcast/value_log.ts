/**
 * The log of a node: values in order of arrival.
 *
 * An entry's identity is its origin (one incarnation of one node) and its sequence number among the
 * values of that origin. A {@link Digest} states for each origin how many of its values the node
 * has without a gap. Its size depends on the number of origins, not on the number of values. A
 * position in the log states the same in one number, to a peer that follows the log from its
 * beginning.
 *
 * Invariant: the log only grows, and contains no entry twice. If clients sent equal values to two
 * nodes, there are two entries; reads return the value once.
 *
 * @module
 */

import { canonicalJson, invariant, type Json } from "../../base/mod.ts";

/**
 * By origin, the number of its values that a log has without a gap from the first one on. Nodes
 * compare digests to find missing entries (anti-entropy).
 */
export type Digest = { [origin: string]: number };

/**
 * Entries of one origin with consecutive sequence numbers: the origin, the first sequence number,
 * the values.
 */
export type EntryRun = Json[] & [origin: string, first: number, ...values: Json[]];

/** A value in a log. */
export interface LogEntry {
  readonly origin: string;
  /** The sequence number among the values of its origin, from 0. */
  readonly sequence: number;
  readonly value: Json;
  /** The peer that sent the entry; undefined if a client did. */
  readonly source: string | undefined;
  /** The time when the entry was added. */
  readonly addedAt: number;
}

interface OriginState {
  /** The number of entries that the log has without a gap from the first one on. */
  contiguous: number;
  /** Sequence numbers of the entries after a gap. */
  readonly outOfOrder: Set<number>;
}

/** The log of one node. */
export class ValueLog {
  /** The origin of the values that clients send to this node. */
  readonly origin: string;
  readonly #entries: LogEntry[] = [];
  readonly #origins = new Map<string, OriginState>();
  readonly #canonicalTexts = new Set<string>();
  readonly #values: Json[] = [];

  constructor(origin: string) {
    this.origin = origin;
  }

  /** The number of entries, and the position of the next one. */
  get length(): number {
    return this.#entries.length;
  }

  /** All values without duplicates. */
  get values(): readonly Json[] {
    return this.#values;
  }

  /** Returns the entry at a position below {@link ValueLog.length}. */
  entry(position: number): LogEntry {
    return this.#entries[position] as LogEntry;
  }

  /** Adds a value from a client; returns whether it was new. */
  append(value: Json, now: number): boolean {
    if (this.#canonicalTexts.has(canonicalJson(value))) return false;
    const sequence = this.#originState(this.origin).contiguous;
    return this.#add({ origin: this.origin, sequence, value, source: undefined, addedAt: now });
  }

  /** Adds a peer's entries; returns how many were new. */
  merge(runs: readonly EntryRun[], source: string, now: number): number {
    const before = this.length;
    for (const [origin, first, ...values] of runs) {
      values.forEach((value, index) =>
        this.#add({ origin, sequence: first + index, value, source, addedAt: now })
      );
    }
    return this.length - before;
  }

  /** Returns the digest of this log. */
  digest(): Digest {
    const digest: Digest = {};
    for (const [origin, { contiguous }] of this.#origins) {
      if (contiguous > 0) digest[origin] = contiguous;
    }
    return digest;
  }

  /**
   * The position below which {@link ValueLog.digest} covers every entry. It excludes entries after
   * a gap.
   */
  get coveredLength(): number {
    return this.gap() === undefined ? this.length : this.firstNotIn(this.digest());
  }

  /** Returns whether this log has everything that a digest covers. */
  covers(digest: Digest): boolean {
    return Object.entries(digest).every(([origin, count]) =>
      count <= (this.#origins.get(origin)?.contiguous ?? 0)
    );
  }

  /** Returns the identity of a missing entry, if the log has a later one of the same origin. */
  gap(): { readonly origin: string; readonly sequence: number } | undefined {
    for (const [origin, { contiguous, outOfOrder }] of this.#origins) {
      if (outOfOrder.size > 0) return { origin, sequence: contiguous };
    }
    return undefined;
  }

  /** Returns whether the log has an entry. */
  has({ origin, sequence }: { readonly origin: string; readonly sequence: number }): boolean {
    const state = this.#origins.get(origin);
    return state !== undefined && (sequence < state.contiguous || state.outOfOrder.has(sequence));
  }

  /** Returns the position of the first entry that a digest does not cover. */
  firstNotIn(digest: Digest): number {
    const position = this.#entries.findIndex((entry) => !isInDigest(entry, digest));
    return position < 0 ? this.length : position;
  }

  /** Returns whether the log has all entries of a run. */
  hasAll([origin, first, ...values]: EntryRun): boolean {
    return values.every((_, index) => this.has({ origin, sequence: first + index }));
  }

  /** Returns those entries in `from..to−1` that `isIncluded` selects, as runs. */
  runs(from: number, to: number, isIncluded: (position: number) => boolean): EntryRun[] {
    const runs = new Map<string, EntryRun>();
    const closed: EntryRun[] = [];
    for (let position = from; position < to; position++) {
      if (!isIncluded(position)) continue;
      const entry = this.entry(position);
      const run = runs.get(entry.origin);
      if (run !== undefined && run[1] + run.length - 2 === entry.sequence) run.push(entry.value);
      else {
        if (run !== undefined) closed.push(run);
        runs.set(entry.origin, [entry.origin, entry.sequence, entry.value]);
      }
    }
    return [...closed, ...runs.values()];
  }

  #add(entry: LogEntry): boolean {
    if (this.has(entry)) return false;
    const { sequence, value } = entry;
    // This comes first because it throws if a value is nested too deep. Such a value must not be
    // added.
    const text = canonicalJson(value);
    const state = this.#originState(entry.origin);
    if (sequence === state.contiguous) {
      state.contiguous++;
      while (state.outOfOrder.delete(state.contiguous)) state.contiguous++;
    } else state.outOfOrder.add(sequence);
    this.#entries.push(entry);
    if (!this.#canonicalTexts.has(text)) {
      this.#canonicalTexts.add(text);
      this.#values.push(value);
    }
    invariant(this.has(entry), "an added entry counts as received, so it is not added again");
    return true;
  }

  #originState(origin: string): OriginState {
    let state = this.#origins.get(origin);
    if (state === undefined) {
      state = { contiguous: 0, outOfOrder: new Set() };
      this.#origins.set(origin, state);
    }
    return state;
  }
}

/** Returns whether a digest covers an entry. */
export function isInDigest({ origin, sequence }: LogEntry, digest: Digest): boolean {
  return Object.hasOwn(digest, origin) && sequence < (digest[origin] as number);
}

/** Returns the origin of the values that clients send to one incarnation of a node. */
export function originOf(node: string, incarnation: string): string {
  return `${node}.${incarnation}`;
}

/** Returns the node of an origin. */
export function nodeOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf("."));
}

/** Returns the incarnation of an origin. */
export function incarnationOf(origin: string): string {
  return origin.slice(origin.lastIndexOf(".") + 1);
}
