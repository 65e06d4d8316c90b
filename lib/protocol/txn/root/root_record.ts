/**
 * The root: the one value that every commit replaces by compare-and-set. Together with the thunks
 * that it names it determines the whole database.
 *
 * The root holds the latest writes itself, so that a commit takes one request to the store.
 * Compaction moves them to a thunk, as Maelstrom's Datomic chapter calls a value under a key of its
 * own that never changes; the root then names the thunk. It also merges neighbouring thunks of
 * about the same length, as a log-structured merge tree does (O'Neil et al. 1996). So n writes take
 * at most log₂ n thunks, and each write is moved at most log₂ n times.
 *
 * The root also holds the last committed batch of each client session, and where it starts in the
 * log. A node that does not know the outcome of a batch finds it there. So no batch is committed
 * twice, and a batch's reads can be computed again.
 *
 * Invariant: `base` is the sum of the segments' lengths, and every root has a longer log than the
 * root that it replaces. So no two roots are equal.
 *
 * @module
 */

import { invariant, stringifyJson } from "../../../base/mod.ts";
import type { Json } from "../../../node/mod.ts";
import type { Write } from "../transaction.ts";

/** A part of the log that is kept in a thunk. */
export interface Segment {
  /** The thunk's key. */
  readonly thunk: string;
  /** The number of writes. */
  readonly length: number;
}

/** A session's last committed batch. */
export interface CommittedBatch {
  readonly session: string;
  readonly sequence: number;
  /** The length of the log before the batch's first write. */
  readonly start: number;
}

/** A compaction of a root: the thunk is written first, then a root that names it. */
export interface Compaction {
  /**
   * The base of the root that it was planned for. It is valid as long as the root has this base.
   */
  readonly base: number;
  /** The segments that stay. */
  readonly kept: readonly Segment[];
  /** The new segment: the writes after the kept segments, up to `end`. */
  readonly segment: Segment;
  /** The length of the log that is in segments after the compaction. */
  readonly end: number;
}

/** A value of the root. */
export class Root {
  static readonly empty = new Root([], [], []);
  /** The number of writes in segments. */
  readonly base: number;

  constructor(
    /** The older writes, oldest first. */
    readonly segments: readonly Segment[],
    /** The writes after these. */
    readonly log: readonly Write[],
    /** The last committed batch of each session. */
    readonly sessions: readonly CommittedBatch[],
  ) {
    this.base = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** The number of writes. */
  get length(): number {
    return this.base + this.log.length;
  }

  /** Returns the last committed batch of a session. */
  lastOf(session: string): CommittedBatch | undefined {
    return this.sessions.find((batch) => batch.session === session);
  }

  /** Returns the root after these writes, which belong to these batches. */
  append(writes: readonly Write[], batches: readonly CommittedBatch[]): Root {
    const others = this.sessions.filter(({ session }) =>
      !batches.some((batch) => batch.session === session)
    );
    return new Root(this.segments, [...this.log, ...writes], [...others, ...batches]);
  }

  /** Plans the compaction of all writes in the root to a thunk with this key. */
  planCompaction(thunk: string): Compaction {
    const kept = [...this.segments];
    let length = this.log.length;
    for (let last = kept.at(-1); last !== undefined && last.length <= length; last = kept.at(-1)) {
      length += last.length;
      kept.pop();
    }
    return { kept, base: this.base, segment: { thunk, length }, end: this.length };
  }

  /** Returns the root after a compaction, which does not change the database. */
  compact({ base, kept, segment, end }: Compaction): Root {
    invariant(base === this.base, "a compaction is applied to a root with its base");
    const compacted = new Root([...kept, segment], this.log.slice(end - base), this.sessions);
    invariant(compacted.base === end, "segments hold the log up to the compaction's end");
    invariant(compacted.length === this.length, "a compaction keeps every write");
    return compacted;
  }

  /** Returns the root's form in the store: only arrays, which every JSON library keeps in order. */
  toJson(): Json {
    return [
      this.segments.map(({ thunk, length }) => [thunk, length]),
      flatten(this.log),
      this.sessions.map(({ session, sequence, start }) => [session, sequence, start]),
    ];
  }

  /** Parses the root's form in the store. Throws a TypeError for any other value. */
  static parse(json: Json): Root {
    const [segments, log, sessions] = arrayOf(json, 3);
    return new Root(
      arrayOf(segments).map((segment) => {
        const [thunk, length] = arrayOf(segment, 2);
        return { thunk: stringOf(thunk), length: naturalOf(length) };
      }),
      unflatten(log),
      arrayOf(sessions).map((batch) => {
        const [session, sequence, start] = arrayOf(batch, 3);
        return {
          session: stringOf(session),
          sequence: naturalOf(sequence),
          start: naturalOf(start),
        };
      }),
    );
  }
}

/** Returns writes as one array: `[key, value, key, value, …]`. */
export function flatten(writes: readonly Write[]): Json[] {
  const items: Json[] = [];
  for (const [key, value] of writes) items.push(key, value);
  return items;
}

/** Parses the result of {@link flatten}. Throws a TypeError for any other value. */
export function unflatten(json: Json | undefined): Write[] {
  const items = arrayOf(json);
  if (items.length % 2 !== 0) throw malformed("a value after each key", json);
  return Array.from(
    { length: items.length / 2 },
    (_, index): Write => [items[2 * index] as Json, items[2 * index + 1] as Json],
  );
}

function arrayOf(json: Json | undefined, length?: number): Json[] {
  if (Array.isArray(json) && (length === undefined || json.length === length)) return json;
  throw malformed(length === undefined ? "an array" : `an array of ${length} items`, json);
}

function stringOf(json: Json | undefined): string {
  if (typeof json === "string") return json;
  throw malformed("a string", json);
}

function naturalOf(json: Json | undefined): number {
  if (Number.isSafeInteger(json) && (json as number) >= 0) return json as number;
  throw malformed("an integer from 0", json);
}

/** The length to which an error text shortens the value that it quotes. */
const MAX_QUOTED_CHARACTERS = 120;

function malformed(expectation: string, found: Json | undefined): TypeError {
  const quoted = (stringifyJson(found) ?? "nothing").slice(0, MAX_QUOTED_CHARACTERS);
  return new TypeError(`malformed root or thunk: expected ${expectation}, got ${quoted}`);
}
