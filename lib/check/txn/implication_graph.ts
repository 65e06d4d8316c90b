/**
 * The two things that the anomaly and the model tables have in common: both say which names follow
 * from which, and everything asked of them is what can be reached.
 *
 * @module
 */

/** Names, each with the names that follow from it at once. */
export type ImplicationGraph = ReadonlyMap<string, readonly string[]>;

/** The given names and all that follow from them. */
export function reachable(implications: ImplicationGraph, names: Iterable<string>): Set<string> {
  const found = new Set(names);
  // A Set is walked in the order of insertion, what is added on the way included.
  for (const name of found) {
    for (const next of implications.get(name) ?? []) found.add(next);
  }
  return found;
}

/** The same table read backwards: names, each with those that it follows from at once. */
export function reversed(implications: ImplicationGraph): ImplicationGraph {
  const sources = new Map<string, string[]>();
  for (const [name, nexts] of implications) {
    for (const next of nexts) {
      const known = sources.get(next);
      if (known === undefined) sources.set(next, [name]);
      else known.push(name);
    }
  }
  return sources;
}

/** How many steps the longest chain to each name has; 0 for what follows from nothing. */
export function longestPathLengths(implications: ImplicationGraph): ReadonlyMap<string, number> {
  const sources = reversed(implications);
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    const depth = Math.max(0, ...(sources.get(name) ?? []).map((source) => depthOf(source) + 1));
    depths.set(name, depth);
    return depth;
  };
  for (const name of [...implications.keys(), ...sources.keys()]) depthOf(name);
  return depths;
}

/** Several tables as one. */
export function union(...tables: readonly ImplicationGraph[]): ImplicationGraph {
  const all = new Map<string, string[]>();
  for (const table of tables) {
    for (const [name, nexts] of table) all.set(name, [...all.get(name) ?? [], ...nexts]);
  }
  return all;
}
