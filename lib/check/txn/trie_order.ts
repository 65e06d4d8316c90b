/**
 * The iteration order of hash tries (CHAMP: Steindorfer & Vinju, "Optimizing Hash-Array Mapped
 * Tries", OOPSLA 2015) as the library bifurcan (github lacuna/bifurcan) implements them.
 *
 * Elle stores graphs and sets in such tries, and its results depend on their iteration order in two
 * places. Of each kind of cycle Elle examines only the first candidate, and drops it when it is of
 * another kind. Of incompatible reads of equal length Elle treats the last one as the version
 * order. Any fixed order would be correct; the same order gives the same results as Maelstrom.
 *
 * @module
 */

const BITS_PER_LEVEL = 5;
const LEVEL_MASK = 31;

/** Returns the hash of an operation: the hash of its index, an integer below 2⁵³. */
export function operationHash(index: number): number {
  return spread(integerHash(index));
}

/**
 * Returns Clojure's hash of an integer between −2⁵³ and 2⁵³: MurmurHash3 of the integer as a 64-bit
 * word.
 */
export function integerHash(integer: number): number {
  if (integer === 0) return 0;
  let hash = mixIn(mixIn(0, integer | 0), Math.floor(integer / 0x1_0000_0000) | 0) ^ 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Returns the hash of a list as Java's `List.hashCode`; an element that is not an integer is 0. */
export function listHash(values: readonly unknown[]): number {
  let hash = 1;
  for (const value of values) {
    const word = typeof value === "number" && Number.isSafeInteger(value)
      ? value ^ Math.floor(value / 0x1_0000_0000)
      : 0;
    hash = (Math.imul(31, hash) + word) | 0;
  }
  return spread(hash);
}

/**
 * Returns keys in the iteration order of a trie that contains exactly these keys; `hashes[key]` is
 * the hash of a key. Each node of the trie takes 5 bits of the hash, from bit `shift`, and lists
 * its entries (keys that share these bits with no other key) before its child nodes.
 */
export function trieOrder(
  keys: readonly number[],
  hashes: Int32Array,
  shift = 0,
): readonly number[] {
  if (keys.length < 2 || shift > 31) return keys;
  const buckets: (number[] | undefined)[] = new Array(LEVEL_MASK + 1);
  for (const key of keys) {
    const slot = ((hashes[key] as number) >>> shift) & LEVEL_MASK;
    const bucket = buckets[slot];
    if (bucket === undefined) buckets[slot] = [key];
    else bucket.push(key);
  }
  const ordered: number[] = [];
  for (const bucket of buckets) if (bucket?.length === 1) ordered.push(bucket[0] as number);
  for (const bucket of buckets) {
    if (bucket === undefined || bucket.length === 1) continue;
    for (const key of trieOrder(bucket, hashes, shift + BITS_PER_LEVEL)) ordered.push(key);
  }
  return ordered;
}

function mixIn(hash: number, word: number): number {
  const scrambled = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Spreads the upper bits of a hash, widened to 64 bits, to its lower bits. */
function spread(hash: number): number {
  let mixed = hash ^ (hash >> 31);
  mixed ^= (mixed >>> 20) ^ (mixed >>> 12);
  return mixed ^ (mixed >>> 7) ^ (mixed >>> 4);
}
