/**
 * The order in which Clojure's hash set lists a few integers.
 *
 * Where a log holds several messages at one offset, Maelstrom takes whichever its hash set lists
 * first as the one that stands there; which polls count as skips follows from that choice. Agreeing
 * with Maelstrom on such logs therefore takes the same order: the set is a trie over the 32-bit
 * Murmur3 hash of the number, five bits a level, the lowest first.
 *
 * @module
 */

/**
 * Items of a set in the order in which Clojure lists them. Items that are not all integers of 64
 * bits keep the order they are in.
 */
export function hashSetOrder(items: readonly unknown[]): unknown[] {
  const hashed: { item: unknown; hash: number }[] = [];
  for (const item of items) {
    if (typeof item !== "bigint" && !Number.isSafeInteger(item)) return [...items];
    hashed.push({ item, hash: hashInteger(BigInt(item as number | bigint)) });
  }
  return hashed.sort((a, b) => compareInTrie(a.hash, b.hash)).map(({ item }) => item);
}

function compareInTrie(a: number, b: number): number {
  for (let shift = 0; shift < 32; shift += 5) {
    const difference = ((a >>> shift) & 31) - ((b >>> shift) & 31);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** MurmurHash3 (32 bits, seed 0) of a 64-bit integer. */
function hashInteger(integer: bigint): number {
  if (integer === 0n) return 0;
  const low = Number(BigInt.asIntN(32, integer));
  const high = Number(BigInt.asIntN(32, integer >> 32n));
  let hash = mixIn(mixIn(0, low), high) ^ 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixIn(hash: number, word: number): number {
  const mixed = Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotateLeft(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
