/**
 * The order in which hash tries hold their keys (Steindorfer & Vinju, "Optimizing Hash-Array Mapped
 * Tries", OOPSLA 2015, as github lacuna/bifurcan builds them).
 *
 * Elle keeps graphs and sets in such tries, and in two places what it reports depends on the order in
 * which it visits them: of each kind of cycle it examines the first candidate it meets and drops it
 * when it turns out to be of another kind; and of contradicting reads of equal length it believes the
 * last. Any fixed order would be as good in itself; visiting in the same order gives the same answers
 * as Maelstrom's.
 *
 * @module
 */

const bitsPerLevel = 5;
const levelMask = 31;

/** The hash of an operation: that of its index, a whole number below 2⁵³. */
export function operationHash(index: number): number {
  return spread(integerHash(index));
}

/** MurmurHash3 of a whole number between −2⁵³ and 2⁵³, as a word of 64 bits: Clojure's hash of it. */
export function integerHash(integer: number): number {
  if (integer === 0) return 0;
  let hash = mixIn(mixIn(0, integer | 0), Math.floor(integer / 0x1_0000_0000) | 0) ^ 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The hash of a list of integers, as Java's lists have it. Anything but an integer counts as 0. */
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
 * Keys in the order of a trie that holds exactly these; `hashes` are found under the keys. At each
 * level those come first that are alone with their five bits of the hash, then, level by level,
 * those that share theirs.
 */
export function trieOrder(
  keys: readonly number[],
  hashes: Int32Array,
  shift = 0,
): readonly number[] {
  if (keys.length < 2 || shift > 31) return keys;
  const buckets: (number[] | undefined)[] = new Array(levelMask + 1);
  for (const key of keys) {
    const slot = ((hashes[key] as number) >>> shift) & levelMask;
    const bucket = buckets[slot];
    if (bucket === undefined) buckets[slot] = [key];
    else bucket.push(key);
  }
  const ordered: number[] = [];
  for (const bucket of buckets) if (bucket?.length === 1) ordered.push(bucket[0] as number);
  for (const bucket of buckets) {
    if (bucket === undefined || bucket.length === 1) continue;
    for (const key of trieOrder(bucket, hashes, shift + bitsPerLevel)) ordered.push(key);
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

/** Folds a hash, widened to 64 bits, and brings its upper bits into the lower ones. */
function spread(hash: number): number {
  let mixed = hash ^ (hash >> 31);
  mixed ^= (mixed >>> 20) ^ (mixed >>> 12);
  return mixed ^ (mixed >>> 7) ^ (mixed >>> 4);
}
