/**
 * A map that never changes: setting a key gives a new map that shares almost everything with the
 * old one, so keeping the last 32 states of a store, or two replicas of it, costs little more than
 * keeping one.
 *
 * It is a trie over the bits of the keys' hashes (Bagwell, "Ideal Hash Trees", 2001, without the
 * compression of its nodes). Invariants: a leaf holds the entries of one hash; setting a key to the
 * value it has gives the very same map; merging walks only what the two maps do not share.
 *
 * @module
 */

const BITS = 4;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

interface Leaf<V> {
  readonly hash: number;
  readonly entries: readonly (readonly [key: string, value: V])[];
}
type Branch<V> = readonly (Trie<V> | undefined)[];
type Trie<V> = Branch<V> | Leaf<V>;

/** Decides between the values of a key that both maps of a merge have. */
export type Choose<V> = (own: V, other: V) => V;

/** An immutable map from strings to values. */
export class PersistentMap<V> {
  readonly #root: Trie<V> | undefined;

  private constructor(root: Trie<V> | undefined) {
    this.#root = root;
  }

  /** The map without entries. */
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(undefined);
  }

  /** The key's value; undefined when there is no such key. */
  get(key: string): V | undefined {
    const hash = hashOf(key);
    let trie = this.#root;
    for (let shift = 0; isBranch(trie); shift += BITS) trie = trie[slot(hash, shift)];
    if (trie === undefined || trie.hash !== hash) return undefined;
    return trie.entries.find((entry) => entry[0] === key)?.[1];
  }

  /** This map with the key set to a value; this very map if it is (`===`) the value it has. */
  set(key: string, value: V): PersistentMap<V> {
    const leaf = { hash: hashOf(key), entries: [[key, value] as const] };
    return this.#with(put(this.#root, leaf, 0, () => value));
  }

  /**
   * The entries of both maps; `choose(own, other)` decides where both have a key with different
   * values. The result is one of the two maps themselves where it would be equal to it.
   */
  merge(other: PersistentMap<V>, choose: Choose<V>): PersistentMap<V> {
    const root = merge(this.#root, other.#root, 0, choose);
    return root === other.#root ? other : this.#with(root);
  }

  /** All entries, in no particular order. */
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
  return (hash >>> shift) & MASK;
}

/** Puts a leaf's entries in; `choose(own, other)` decides between what is there and the leaf's. */
function put<V>(
  trie: Trie<V> | undefined,
  leaf: Leaf<V>,
  shift: number,
  choose: Choose<V>,
): Trie<V> {
  if (trie === undefined) return leaf;
  if (isBranch(trie)) {
    const index = slot(leaf.hash, shift);
    const child = trie[index];
    const changed = put(child, leaf, shift + BITS, choose);
    return changed === child ? trie : trie.with(index, changed);
  }
  if (trie.hash === leaf.hash) return mergeLeaves(trie, leaf, choose);
  const branch: (Trie<V> | undefined)[] = new Array(WIDTH).fill(undefined);
  branch[slot(trie.hash, shift)] = trie;
  return put<V>(branch, leaf, shift, choose);
}

function mergeLeaves<V>(own: Leaf<V>, other: Leaf<V>, choose: Choose<V>): Leaf<V> {
  const entries = [...own.entries];
  for (const [key, value] of other.entries) {
    const index = entries.findIndex((entry) => entry[0] === key);
    const present = entries[index];
    if (present === undefined) entries.push([key, value]);
    else if (present[1] !== value) entries[index] = [key, choose(present[1], value)];
  }
  if (sameEntries(entries, own.entries)) return own;
  return sameEntries(entries, other.entries) ? other : { hash: own.hash, entries };
}

function sameEntries<V>(some: Leaf<V>["entries"], others: Leaf<V>["entries"]): boolean {
  return some.length === others.length && some.every(([key, value]) => {
    return others.some((other) => other[0] === key && other[1] === value);
  });
}

function merge<V>(
  own: Trie<V> | undefined,
  other: Trie<V> | undefined,
  shift: number,
  choose: Choose<V>,
): Trie<V> | undefined {
  if (own === other || other === undefined) return own;
  if (own === undefined) return other;
  if (!isBranch(other)) return put(own, other, shift, choose);
  if (!isBranch(own)) return put(other, own, shift, (theirs, ours) => choose(ours, theirs));
  const merged = own.map((child, index) => merge(child, other[index], shift + BITS, choose));
  // Giving back one of the two keeps them shared, so that the next merge has less to walk.
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

/** FNV-1a over UTF-16 code units, finished by MurmurHash3's mixer: the trie wants all bits mixed. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
