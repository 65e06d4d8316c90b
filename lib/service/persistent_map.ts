/**
 * A persistent map: setting a key returns a new map that shares most of its structure with the old
 * one. The last 32 states of a store, or its two replicas, take little more memory than one.
 *
 * The map is a hash trie (Bagwell, "Ideal Hash Trees", 2001) without compressed nodes. Invariants: a
 * leaf contains the entries of exactly one hash. Setting a key to its current value returns the
 * identical map. Merging visits only the subtrees that the maps do not share.
 *
 * @module
 */

import { invariant } from "../base/mod.ts";

const BITS_PER_LEVEL = 4;
const BRANCHING_FACTOR = 1 << BITS_PER_LEVEL;
const SLOT_MASK = BRANCHING_FACTOR - 1;

interface Leaf<V> {
  readonly hash: number;
  readonly entries: readonly (readonly [key: string, value: V])[];
}
type Branch<V> = readonly (Trie<V> | undefined)[];
type Trie<V> = Branch<V> | Leaf<V>;

/** Returns the merged value of a key that has different values in the two maps. */
export type ResolveConflict<V> = (own: V, other: V) => V;

/** An immutable map from strings to values. */
export class PersistentMap<V> {
  readonly #root: Trie<V> | undefined;

  private constructor(root: Trie<V> | undefined) {
    this.#root = root;
  }

  /** Returns the empty map. */
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(undefined);
  }

  /** Returns the key's value; undefined when the key does not exist. */
  get(key: string): V | undefined {
    const hash = hashOf(key);
    let trie = this.#root;
    for (let shift = 0; isBranch(trie); shift += BITS_PER_LEVEL) trie = trie[slot(hash, shift)];
    if (trie === undefined || trie.hash !== hash) return undefined;
    return trie.entries.find((entry) => entry[0] === key)?.[1];
  }

  /** Returns a map with the key set; the identical map if the value is (`===`) the current one. */
  set(key: string, value: V): PersistentMap<V> {
    const leaf = { hash: hashOf(key), entries: [[key, value] as const] };
    return this.#with(insert(this.#root, leaf, 0, () => value));
  }

  /**
   * Returns a map with the entries of both maps. `resolve` merges the values of a key that differ.
   * If the result equals one of the two maps, that map itself is returned.
   */
  merge(other: PersistentMap<V>, resolve: ResolveConflict<V>): PersistentMap<V> {
    const root = merge(this.#root, other.#root, 0, resolve);
    return root === other.#root ? other : this.#with(root);
  }

  /** Iterates over all entries in unspecified order. */
  *[Symbol.iterator](): IterableIterator<readonly [key: string, value: V]> {
    yield* entriesOf(this.#root);
  }

  #with(root: Trie<V> | undefined): PersistentMap<V> {
    return root === this.#root ? this : new PersistentMap(root);
  }
}

function isBranch<V>(trie: Trie<V> | undefined): trie is Branch<V> {
  return Array.isArray(trie);
}

function slot(hash: number, shift: number): number {
  return (hash >>> shift) & SLOT_MASK;
}

/** Inserts a leaf's entries; `resolve` merges values that differ from the present ones. */
function insert<V>(
  trie: Trie<V> | undefined,
  leaf: Leaf<V>,
  shift: number,
  resolve: ResolveConflict<V>,
): Trie<V> {
  if (trie === undefined) return leaf;
  if (isBranch(trie)) {
    const index = slot(leaf.hash, shift);
    const child = trie[index];
    const changed = insert(child, leaf, shift + BITS_PER_LEVEL, resolve);
    return changed === child ? trie : trie.with(index, changed);
  }
  if (trie.hash === leaf.hash) return mergeLeaves(trie, leaf, resolve);
  const branch: (Trie<V> | undefined)[] = new Array(BRANCHING_FACTOR).fill(undefined);
  branch[slot(trie.hash, shift)] = trie;
  return insert<V>(branch, leaf, shift, resolve);
}

function mergeLeaves<V>(own: Leaf<V>, other: Leaf<V>, resolve: ResolveConflict<V>): Leaf<V> {
  invariant(own.hash === other.hash, "a leaf contains the entries of one hash");
  const entries = [...own.entries];
  for (const [key, value] of other.entries) {
    const index = entries.findIndex((entry) => entry[0] === key);
    const present = entries[index];
    if (present === undefined) entries.push([key, value]);
    else if (present[1] !== value) entries[index] = [key, resolve(present[1], value)];
  }
  if (sameEntries(entries, own.entries)) return own;
  return sameEntries(entries, other.entries) ? other : { hash: own.hash, entries };
}

function sameEntries<V>(a: Leaf<V>["entries"], b: Leaf<V>["entries"]): boolean {
  return a.length === b.length && a.every(([key, value]) => {
    return b.some((other) => other[0] === key && other[1] === value);
  });
}

function merge<V>(
  own: Trie<V> | undefined,
  other: Trie<V> | undefined,
  shift: number,
  resolve: ResolveConflict<V>,
): Trie<V> | undefined {
  if (own === other || other === undefined) return own;
  if (own === undefined) return other;
  if (!isBranch(other)) return insert(own, other, shift, resolve);
  if (!isBranch(own)) {
    return insert(other, own, shift, (present, inserted) => resolve(inserted, present));
  }
  const merged = own.map((child, index) =>
    merge(child, other[index], shift + BITS_PER_LEVEL, resolve)
  );
  // Returning an unchanged subtree keeps it shared, so the next merge visits fewer nodes.
  if (merged.every((child, index) => child === own[index])) return own;
  return merged.every((child, index) => child === other[index]) ? other : merged;
}

function* entriesOf<V>(
  trie: Trie<V> | undefined,
): IterableIterator<readonly [key: string, value: V]> {
  if (trie === undefined) return;
  if (!isBranch(trie)) return yield* trie.entries;
  for (const child of trie) yield* entriesOf(child);
}

/** FNV-1a over UTF-16 code units with MurmurHash3's finaliser, which makes all bits depend on all. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
