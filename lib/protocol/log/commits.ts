/**
 * Committed offsets: the position of each key's consumers. They only grow, so replicas keep the
 * maximum, and agree in whichever order updates arrive.
 *
 * @module
 */

import { schema } from "../../node/mod.ts";
import type { Acks } from "./batch_source.ts";
import type { Offsets } from "./log.ts";

/** A key's committed offset in a message. */
export type Commit = [key: string, offset: number];

/** The schema of committed offsets in a message. */
export const commitsSchema = schema.array(schema.tuple(schema.string, schema.natural));

/** The committed offset of each key. */
export class Commits {
  readonly #offsets = new Map<string, number>();

  /** Raises a key's offset. Returns whether it was lower. */
  raise(key: string, offset: number): boolean {
    if (!this.isBelow(key, offset)) return false;
    this.#offsets.set(key, offset);
    return true;
  }

  /** Returns whether a key's offset is lower than the given one, or missing. */
  isBelow(key: string, offset: number): boolean {
    return (this.#offsets.get(key) ?? -1) < offset;
  }

  /** Returns the offsets of these keys. Keys without one are left out. */
  select(keys: readonly string[]): Offsets {
    return Object.fromEntries(
      keys.flatMap((key): Commit[] => {
        const offset = this.#offsets.get(key);
        return offset === undefined ? [] : [[key, offset]];
      }),
    );
  }

  /** Returns all offsets. */
  pairs(): Commit[] {
    return [...this.#offsets];
  }

  /** Removes all offsets. */
  clear(): void {
    this.#offsets.clear();
  }

  /** The number of keys that have an offset. */
  get size(): number {
    return this.#offsets.size;
  }
}

/** Committed offsets that are replicated in batches. */
export class ReplicatedCommits {
  readonly #acks: Acks;
  readonly #count: number;
  readonly #commits = new Commits();
  /** The commits of this node that no batch contains yet. */
  readonly #updates = new Commits();

  /**
   * Replicates among `count` nodes. With acks `all` a commit takes effect when its batch is applied,
   * at the node that received it too.
   */
  constructor({ acks, count }: { readonly acks: Acks; readonly count: number }) {
    this.#acks = acks;
    this.#count = count;
  }

  /** Whether there are commits that no batch contains yet. */
  get hasUpdates(): boolean {
    return this.#updates.size > 0;
  }

  /** Commits offsets at this node. Returns whether any was higher than the committed one. */
  commit(offsets: Readonly<Offsets>): boolean {
    const higher = Object.entries(offsets).filter(([key, offset]) =>
      this.#commits.isBelow(key, offset)
    );
    if (this.#count > 1) { for (const [key, offset] of higher) this.#updates.raise(key, offset); }
    if (this.#acks === "one") this.merge(higher);
    return higher.length > 0;
  }

  /** Merges commits of any node. */
  merge(commits: readonly Commit[]): void {
    for (const [key, offset] of commits) this.#commits.raise(key, offset);
  }

  /** Returns the committed offsets of these keys. Keys without one are left out. */
  select(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }

  /** Returns all committed offsets. */
  pairs(): Commit[] {
    return this.#commits.pairs();
  }

  /** Returns the commits since the last batch, for the next one. */
  seal(): Commit[] {
    const updates = this.#updates.pairs();
    this.#updates.clear();
    return updates;
  }
}
