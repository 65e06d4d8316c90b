/**
 * Samples of mutants.
 *
 * @module
 */

import { Random } from "../../lib/base/mod.ts";

/** Returns `limit` of the items in their order: drawn with the seed, or else evenly spread. */
export function sample<T>(items: readonly T[], limit: number, seed?: number): T[] {
  if (limit >= items.length) return [...items];
  return seed === undefined ? evenSample(items, limit) : randomSample(items, limit, seed);
}

function evenSample<T>(items: readonly T[], limit: number): T[] {
  return Array.from(
    { length: limit },
    (_, index) => items[Math.floor((index + 0.5) * items.length / limit)] as T,
  );
}

/** Takes each item with the probability that fills the sample (Knuth's algorithm S). */
function randomSample<T>(items: readonly T[], limit: number, seed: number): T[] {
  const random = new Random(seed);
  const taken: T[] = [];
  for (const [index, item] of items.entries()) {
    if (random.integer(items.length - index) < limit - taken.length) taken.push(item);
  }
  return taken;
}
