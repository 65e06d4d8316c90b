/**
 * The log of a state whose changes supersede each other: the changes of keys to new values.
 *
 * A delta needs no superseded change, since a later one of the same key follows in it. So a delta must
 * reach the end of the log. If it ended earlier, its receiver could lack a value that the rest depends
 * on: the superseded one is not in the log any more, and the later one is not in the delta yet.
 *
 * @module
 */

import { invariant, type Json } from "../base/mod.ts";
import type { Receiver } from "./types.ts";

/** A change of a key. */
export interface Change<V> {
  /** The key. */
  readonly key: string;
  /** The value that the key got. */
  readonly value: V;
  /** The change's position in the log. */
  readonly position: number;
  /** The incarnation that sent it; undefined for one that was made here. */
  readonly source: string | undefined;
  /** When it was made or merged, in milliseconds of the engine's clock. */
  readonly atMs: number;
}

/** The log is compacted when it has this many superseded changes more than keys. */
const MAX_SUPERSEDED = 1000;

/** The changes of one replica. Its methods are those of `ReplicatedState`, as far as they go. */
export class ChangeLog<V> {
  readonly #isIncluded: (value: V, summary: Json, key: string) => boolean;
  readonly #latest = new Map<string, Change<V>>();
  /** By position. It holds superseded changes, too. */
  #changes: Change<V>[] = [];
  #version = 0;

  /** `isIncluded` returns whether a summary includes a key's value. */
  constructor(isIncluded: (value: V, summary: Json, key: string) => boolean) {
    this.#isIncluded = isIncluded;
  }

  /** The position after the last change. */
  get version(): number {
    return this.#version;
  }

  /** All keys and values, in the order in which the keys first changed. */
  get entries(): [string, V][] {
    return [...this.#latest.values()].map(({ key, value }) => [key, value]);
  }

  /** Returns the value of a key; undefined for an unknown key. */
  get(key: string): V | undefined {
    return this.#latest.get(key)?.value;
  }

  /** Replaces the value of a key; `source` is the incarnation that sent it, undefined for none. */
  set(key: string, value: V, source: string | undefined, now: number): void {
    const change = { key, value, source, position: this.#version++, atMs: now };
    this.#latest.set(key, change);
    this.#changes.push(change);
    if (this.#changes.length > 2 * this.#latest.size + MAX_SUPERSEDED) {
      this.#changes = this.#changes.filter((change) => this.#isLatest(change));
      invariant(this.#changes.length === this.#latest.size, "each key has one latest change");
    }
  }

  /**
   * As `ReplicatedState.firstFor`. It may return the position of a superseded change, so that the age
   * of what a receiver lacks does not start again with each new value.
   */
  firstFor(from: number, receiver: Receiver): number {
    for (let index = this.#indexOf(from); index < this.#changes.length; index++) {
      const change = this.#changes[index] as Change<V>;
      const latest = this.#latest.get(change.key) as Change<V>;
      if (this.#isFor(change, receiver) && this.#isFor(latest, receiver)) return change.position;
    }
    return this.#version;
  }

  /**
   * Returns when the change at a position was made or merged, in milliseconds of the engine's
   * clock.
   */
  changedAt(position: number): number {
    return (this.#changes[this.#indexOf(position)] as Change<V>).atMs;
  }

  /** Returns the latest changes from a position on that a receiver needs. */
  changesFor(from: number, receiver: Receiver): Change<V>[] {
    return this.#changes.slice(this.#indexOf(from))
      .filter((change) => this.#isLatest(change) && this.#isFor(change, receiver));
  }

  #isFor({ key, value, source }: Change<V>, receiver: Receiver): boolean {
    const { summary } = receiver;
    const isIncluded = summary !== undefined && this.#isIncluded(value, summary, key);
    return source !== receiver.source && !isIncluded;
  }

  #isLatest(change: Change<V>): boolean {
    return this.#latest.get(change.key) === change;
  }

  /** Returns the index of the first change from a position on. */
  #indexOf(position: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as Change<V>).position >= position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
