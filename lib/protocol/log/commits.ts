/**
 * Committed offsets: the position of each key's consumers. They only grow, so replicas keep the
 * maximum, and agree in whichever order updates arrive.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import type { BatchSource } from "./batch.ts";
import type { Offsets } from "./log.ts";
import type { Acks } from "./origins.ts";

/** A key's committed offset in a message. */
type Commit = [key: string, offset: number];

/** The committed offset of each key. */
export class Commits {
  readonly #offsets = new Map<string, number>();

  /** Raises a key's offset. Returns whether it was lower, or missing. */
  raise(key: string, offset: number): boolean {
    if ((this.#offsets.get(key) ?? -1) >= offset) return false;
    this.#offsets.set(key, offset);
    return true;
  }

  /** Returns the keys and offsets that are higher than the committed ones. */
  higher(offsets: Readonly<Offsets>): Commit[] {
    return Object.entries(offsets)
      .filter(([key, offset]) => (this.#offsets.get(key) ?? -1) < offset);
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

/** How a {@link CommittingSource} replicates. */
export interface CommittingOptions {
  /** With acks `all` a commit takes effect when its batch is applied, at its own node too. */
  readonly acks: Acks;
  /** The number of nodes; a cluster of one has no batches. */
  readonly count: number;
}

/** Adds committed offsets to the batches of another source. */
export class CommittingSource implements BatchSource {
  readonly contentSchema;
  readonly snapshotSchema;
  readonly #source: BatchSource;
  readonly #options: CommittingOptions;
  readonly #commits = new Commits();
  /** The commits of this node that no batch contains yet. */
  readonly #updates = new Commits();

  constructor(source: BatchSource, options: CommittingOptions) {
    this.#source = source;
    this.#options = options;
    const commits = schema.array(schema.tuple(schema.string, schema.natural));
    this.contentSchema = schema.tuple(source.contentSchema, commits);
    this.snapshotSchema = schema.tuple(source.snapshotSchema, commits);
  }

  get hasUpdates(): boolean {
    return this.#source.hasUpdates || this.#updates.size > 0;
  }

  /** Commits offsets at this node. Returns whether any was higher than the committed one. */
  commit(offsets: Readonly<Offsets>): boolean {
    const higher = this.#commits.higher(offsets);
    if (this.#options.count > 1) {
      for (const [key, offset] of higher) this.#updates.raise(key, offset);
    }
    if (this.#options.acks === "one") this.#merge(higher);
    return higher.length > 0;
  }

  /** Returns the committed offsets of these keys. Keys without one are left out. */
  committed(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }

  start(gap: number): void {
    this.#source.start(gap);
  }

  seal(): Json {
    const updates = this.#updates.pairs();
    this.#updates.clear();
    return [this.#source.seal(), updates];
  }

  apply(writer: number, content: Json): void {
    const [part, commits] = content as [Json, Commit[]];
    this.#source.apply(writer, part);
    this.#merge(commits);
  }

  snapshot(): Json {
    return [this.#source.snapshot(), this.#commits.pairs()];
  }

  restore(snapshot: Json): void {
    const [part, commits] = snapshot as [Json, Commit[]];
    this.#source.restore(part);
    this.#merge(commits);
  }

  #merge(commits: readonly Commit[]): void {
    for (const [key, offset] of commits) this.#commits.raise(key, offset);
  }
}
