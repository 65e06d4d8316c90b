/**
 * The iteration order of a Clojure hash set of a few integers.
 *
 * If a log has several messages at one offset, Maelstrom takes the first that its hash set lists as
 * the message at that offset. This choice determines which polls count as skips, so agreement with
 * Maelstrom requires the same order. The set is a trie over the hashes of its elements, five bits a
 * level, the lowest bits first.
 *
 * @module
 */

import { integerHash } from "../txn/trie_order.ts";

/**
 * Returns the items in the order in which Clojure lists them. If an item is not an integer between
 * −2⁵³ and 2⁵³, the items keep their order.
 */
export function hashSetOrder(items: readonly unknown[]): readonly unknown[] {
  if (items.length < 2 || !items.every(Number.isSafeInteger)) return items;
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
