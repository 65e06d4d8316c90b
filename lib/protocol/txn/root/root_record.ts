/**
 * The root: the one value that every commit replaces by compare-and-set, and from which, with the
 * thunks it names, the whole database follows.
 *
 * It holds the latest writes themselves, so that a commit is a single message to the store and its
 * answer. When they get many they are put away into a thunk, a value under a key of its own that
 * never changes, and the root names the thunk instead. Neighbouring thunks of about the same length
 * are then joined into one, as in a log-structured merge tree (O'Neil et al., 1996), so that n
 * writes take at most log₂ n thunks and each write is put away log₂ n times at most.
 *
 * It also says, for each stream of jobs (a node's life hands in its transactions by jobs, one at a
 * time), which one was committed last and where in the history it begins. Whoever does not know
 * what became of a job finds out from that: nothing is committed twice, and reads can be made
 * again.
 *
 * Invariant: `base` is the sum of the segments' lengths, and every root has a longer history than
 * the one that it replaces, so no two are equal.
 *
 * @module
 */

import type { Json } from "../../../node/mod.ts";
import type { Write } from "../transaction.ts";

/** Writes that are put away. */
export interface Segment {
  /** The key of its thunk. */
  readonly thunk: string;
  /** How many writes. */
  readonly length: number;
}

/** The last job of a stream that was committed. */
export interface DoneJob {
  readonly stream: string;
  readonly sequence: number;
  /** How long the history was when it began. */
  readonly start: number;
}

/** How to put away the writes in a root: a thunk is written first, then a root that names it. */
export interface Fold {
  /** The base of the root that it is for; it holds as long as that is the base. */
  readonly base: number;
  /** The segments that stay. */
  readonly kept: readonly Segment[];
  /** The new one; it holds the writes from the end of those to `to`. */
  readonly segment: Segment;
  readonly to: number;
}

/** A root. */
export class Root {
  static readonly empty = new Root([], [], []);
  /** How many writes are put away. */
  readonly base: number;

  constructor(
    /** What is put away, oldest first. */
    readonly segments: readonly Segment[],
    /** The writes after that. */
    readonly log: readonly Write[],
    readonly done: readonly DoneJob[],
  ) {
    this.base = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** How many writes there are. */
  get length(): number {
    return this.base + this.log.length;
  }

  /** The last job of a stream that was committed. */
  lastOf(stream: string): DoneJob | undefined {
    return this.done.find((job) => job.stream === stream);
  }

  /** The root after these writes, of these jobs. */
  after(writes: readonly Write[], jobs: readonly DoneJob[]): Root {
    const others = this.done.filter(({ stream }) => !jobs.some((job) => job.stream === stream));
    return new Root(this.segments, [...this.log, ...writes], [...others, ...jobs]);
  }

  /** How to put away all writes in it, under this key. */
  planFold(thunk: string): Fold {
    const kept = [...this.segments];
    let length = this.log.length;
    for (let last = kept.at(-1); last !== undefined && last.length <= length; last = kept.at(-1)) {
      length += last.length;
      kept.pop();
    }
    return { kept, base: this.base, segment: { thunk, length }, to: this.length };
  }

  /** The same database with a fold made. */
  folded({ base, kept, segment, to }: Fold): Root {
    return new Root([...kept, segment], this.log.slice(to - base), this.done);
  }

  /** What is kept in the store: arrays only, which keep their form in any JSON library. */
  toJson(): Json {
    return [
      this.segments.map(({ thunk, length }) => [thunk, length]),
      flatten(this.log),
      this.done.map(({ stream, sequence, start }) => [stream, sequence, start]),
    ];
  }

  /** Reads what is kept in the store. Throws a TypeError when it is no root. */
  static parse(json: Json): Root {
    const [segments, log, done] = arrayOf(json, 3);
    return new Root(
      arrayOf(segments).map((segment) => {
        const [thunk, length] = arrayOf(segment, 2);
        return { thunk: textOf(thunk), length: naturalOf(length) };
      }),
      unflatten(log),
      arrayOf(done).map((job) => {
        const [stream, sequence, start] = arrayOf(job, 3);
        return {
          stream: textOf(stream),
          sequence: naturalOf(sequence),
          start: naturalOf(start),
        };
      }),
    );
  }
}

/** Writes as one array, `[key, value, key, value, …]`. */
export function flatten(writes: readonly Write[]): Json[] {
  const items: Json[] = [];
  for (const [key, value] of writes) items.push(key, value);
  return items;
}

/** What {@link flatten} made. Throws a TypeError when it cannot have. */
export function unflatten(json: Json | undefined): Write[] {
  const items = arrayOf(json);
  if (items.length % 2 !== 0) throw new TypeError("a write is a key and a value");
  return Array.from(
    { length: items.length / 2 },
    (_, index): Write => [items[2 * index] as Json, items[2 * index + 1] as Json],
  );
}

function arrayOf(json: Json | undefined, length?: number): Json[] {
  if (Array.isArray(json) && (length === undefined || json.length === length)) return json;
  throw new TypeError(`a root has ${length === undefined ? "a list" : `${length} parts`} here`);
}

function textOf(json: Json | undefined): string {
  if (typeof json === "string") return json;
  throw new TypeError("a root has a text here");
}

function naturalOf(json: Json | undefined): number {
  if (Number.isSafeInteger(json) && (json as number) >= 0) return json as number;
  throw new TypeError("a root has a natural number here");
}
