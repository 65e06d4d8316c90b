/**
 * What a node knows: values in the order in which it learned them.
 *
 * Each value has a name, given where a client said it: an origin (one life of one node) and the
 * number it has among that origin's values. A {@link Digest} says for each origin how many of its
 * values, from the first on, are known without a gap; it is as long as there are origins, however
 * many values there are. A position in the log (`entries before it`) says the same to someone who
 * follows the log from its beginning, and is just one number.
 *
 * Invariant: the log only grows, and holds no name twice. A value that was said at two places has
 * two names; reads show it once.
 *
 * @module
 */

import { canonicalJson, invariant, type Json } from "../../base/mod.ts";

/** By origin, how many of its values are known, from its first on without a gap. */
export type Digest = { [origin: string]: number };

/**
 * Values of one origin with consecutive numbers: the origin, the first one's number, the values.
 */
export type EntryRun = Json[] & [origin: string, first: number, ...values: Json[]];

/** A value in a log. */
export interface LogEntry {
  readonly origin: string;
  /** Its number among the origin's values, from 0. */
  readonly sequence: number;
  readonly value: Json;
  /** The peer that told us; undefined for what a client said here. */
  readonly source: string | undefined;
  /** When it was learned. */
  readonly addedAt: number;
}

interface OriginState {
  /** How many are known from the first on. */
  contiguous: number;
  /** Those known behind a gap. */
  readonly outOfOrder: Set<number>;
}

/** The log of one node. */
export class ValueLog {
  /** The name under which values are added here. */
  readonly origin: string;
  readonly #entries: LogEntry[] = [];
  readonly #origins = new Map<string, OriginState>();
  readonly #canonicalTexts = new Set<string>();
  readonly #values: Json[] = [];

  constructor(origin: string) {
    this.origin = origin;
  }

  /** How many entries there are: the position of the next one. */
  get length(): number {
    return this.#entries.length;
  }

  /** The values, each once. */
  get values(): readonly Json[] {
    return this.#values;
  }

  /** The entry at a position below {@link ValueLog.length}. */
  entry(position: number): LogEntry {
    return this.#entries[position] as LogEntry;
  }

  /** Adds what a client said; returns whether it was new. */
  append(value: Json, now: number): boolean {
    if (this.#canonicalTexts.has(canonicalJson(value))) return false;
    const sequence = this.#originState(this.origin).contiguous;
    return this.#add({ origin: this.origin, sequence, value, source: undefined, addedAt: now });
  }

  /** Adds what a peer told; returns how many entries were new. */
  merge(runs: readonly EntryRun[], source: string, now: number): number {
    const before = this.length;
    for (const [origin, first, ...values] of runs) {
      values.forEach((value, index) =>
        this.#add({ origin, sequence: first + index, value, source, addedAt: now })
      );
    }
    return this.length - before;
  }

  /** What is known, for others to compare. */
  digest(): Digest {
    const digest: Digest = {};
    for (const [origin, { contiguous }] of this.#origins) {
      if (contiguous > 0) digest[origin] = contiguous;
    }
    return digest;
  }

  /**
   * The position up to which {@link ValueLog.digest} names every entry: those behind a gap it does
   * not.
   */
  get coveredLength(): number {
    return this.gap() === undefined ? this.length : this.firstNotIn(this.digest());
  }

  /** Whether everything that a digest names is known here. */
  covers(digest: Digest): boolean {
    return Object.entries(digest).every(([origin, count]) =>
      count <= (this.#origins.get(origin)?.contiguous ?? 0)
    );
  }

  /**
   * A value that is missing although a later one of its origin is known; undefined when there is
   * none.
   */
  gap(): { readonly origin: string; readonly sequence: number } | undefined {
    for (const [origin, { contiguous, outOfOrder }] of this.#origins) {
      if (outOfOrder.size > 0) return { origin, sequence: contiguous };
    }
    return undefined;
  }

  /** Whether a value is known. */
  has({ origin, sequence }: { readonly origin: string; readonly sequence: number }): boolean {
    const state = this.#origins.get(origin);
    return state !== undefined && (sequence < state.contiguous || state.outOfOrder.has(sequence));
  }

  /** The position of the first entry that a digest does not name. */
  firstNotIn(digest: Digest): number {
    const position = this.#entries.findIndex((entry) => !isInDigest(entry, digest));
    return position < 0 ? this.length : position;
  }

  /** Whether all values of a run are known. */
  hasAll([origin, first, ...values]: EntryRun): boolean {
    return values.every((_, index) => this.has({ origin, sequence: first + index }));
  }

  /** The entries in `from..to−1` that `wanted` picks, as runs. */
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
    // First, since it throws where values are nested too deep: what cannot be read is not known.
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

/** Whether a digest names an entry. */
export function isInDigest({ origin, sequence }: LogEntry, digest: Digest): boolean {
  return Object.hasOwn(digest, origin) && sequence < (digest[origin] as number);
}

/** The name under which one life of a node adds values. */
export function originOf(node: string, incarnation: string): string {
  return `${node}.${incarnation}`;
}

/** The node of an origin. */
export function nodeOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf("."));
}

/** The life of the node of an origin. */
export function incarnationOf(origin: string): string {
  return origin.slice(origin.lastIndexOf(".") + 1);
}
