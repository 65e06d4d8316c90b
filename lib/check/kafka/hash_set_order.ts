/**
 * The order in which Clojure's hash set lists a few integers.
 *
 * Where a log holds several messages at one offset, Maelstrom takes whichever its hash set lists
 * first as the one that stands there; which polls count as skips follows from that choice. Agreeing
 * with Maelstrom on such logs therefore takes the same order: the set is a trie over the hashes of
 * the numbers, five bits a level, the lowest first.
 *
 * @module
 */

import { integerHash } from "../txn/trie_order.ts";

/**
 * Items of a set in the order in which Clojure lists them. Items that are not all integers between
 * −2⁵³ and 2⁵³ keep the order they are in.
 */
export function hashSetOrder(items: readonly unknown[]): unknown[] {
  if (items.length < 2 || !items.every(Number.isSafeInteger)) return [...items];
  return items.map((item) => ({ item, hash: integerHash(item as number) }))
    .sort((a, b) => compareInTrie(a.hash, b.hash))
    .map(({ item }) => item);
}

function compareInTrie(a: number, b: number): number {
  for (let shift = 0; shift < 32; shift += 5) {
    const difference = ((a >>> shift) & 31) - ((b >>> shift) & 31);
    if (difference !== 0) return difference;
  }
  return 0;
}
