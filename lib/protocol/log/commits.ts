/**
 * Committed offsets: how far the consumers of each key have come. They only grow, so whichever
 * order they become known in, the highest stays.
 *
 * @module
 */

import { schema } from "../../node/mod.ts";
import type { Acks } from "./batch_source.ts";
import type { Offsets } from "./log.ts";

/** A key's committed offset, as it travels. */
export type Commit = [key: string, offset: number];

/** The shape of commits on their way. */
export const commitsShape = schema.array(schema.tuple(schema.string, schema.natural));

/** The committed offset of each key. */
export class Commits {
  readonly #offsets = new Map<string, number>();

  /** Raises a key's offset; returns whether that made a difference. */
  raise(key: string, offset: number): boolean {
    const known = this.#offsets.get(key);
    if (known !== undefined && known >= offset) return false;
    this.#offsets.set(key, offset);
    return true;
  }

  /** Whether a key's offset is lower than this one, or there is none. */
  isBelow(key: string, offset: number): boolean {
    return (this.#offsets.get(key) ?? -1) < offset;
  }

  /** The offsets of those keys that have one. */
  of(keys: readonly string[]): Offsets {
    return Object.fromEntries(
      keys.flatMap((key): Commit[] => {
        const offset = this.#offsets.get(key);
        return offset === undefined ? [] : [[key, offset]];
      }),
    );
  }

  /** All of them. */
  pairs(): Commit[] {
    return [...this.#offsets];
  }

  /** Forgets all. */
  clear(): void {
    this.#offsets.clear();
  }

  /** How many keys have one. */
  get size(): number {
    return this.#offsets.size;
  }
}

/** Commits that nodes tell each other of. */
export class SharedCommits {
  readonly #settings: { readonly acks: Acks; readonly count: number };
  readonly #commits = new Commits();
  readonly #news = new Commits();

  /**
   * Among `count` nodes. With acks `all` a commit counts once it is taken, also where it was made.
   */
  constructor(settings: { readonly acks: Acks; readonly count: number }) {
    this.#settings = settings;
  }

  /** Whether there is something to tell. */
  get hasNews(): boolean {
    return this.#news.size > 0;
  }

  /** Commits offsets here; returns whether any of them was higher than what was known. */
  commit(offsets: Readonly<Offsets>): boolean {
    const higher = Object.entries(offsets).filter(([key, offset]) =>
      this.#commits.isBelow(key, offset)
    );
    const { acks, count } = this.#settings;
    if (count > 1) { for (const [key, offset] of higher) this.#news.raise(key, offset); }
    if (acks === "one") this.take(higher);
    return higher.length > 0;
  }

  /** Takes commits that were made anywhere. */
  take(commits: readonly Commit[]): void {
    for (const [key, offset] of commits) this.#commits.raise(key, offset);
  }

  /** The committed offsets of those keys that have one. */
  of(keys: readonly string[]): Offsets {
    return this.#commits.of(keys);
  }

  /** All of them. */
  pairs(): Commit[] {
    return this.#commits.pairs();
  }

  /** What there is to tell, which from then on is told. */
  cut(): Commit[] {
    const news = this.#news.pairs();
    this.#news.clear();
    return news;
  }
}
