/**
 * Directed acyclic graphs of implications between names, for anomalies and for consistency models:
 * a name implies every name that is reachable from it.
 *
 * @module
 */

/** The names that each name implies directly. */
export type ImplicationGraph = ReadonlyMap<string, readonly string[]>;

/** Returns the given names and all names that they imply, directly or indirectly. */
export function reachable(implications: ImplicationGraph, names: Iterable<string>): Set<string> {
  const found = new Set(names);
  // Iteration over a Set includes the elements that are added during the iteration.
  for (const name of found) {
    for (const next of implications.get(name) ?? []) found.add(next);
  }
  return found;
}

/** Returns the graph with its edges reversed: the names that imply each name directly. */
export function reversed(implications: ImplicationGraph): ImplicationGraph {
  const sources = new Map<string, string[]>();
  for (const [name, nexts] of implications) {
    for (const next of nexts) {
      const sourcesOfNext = sources.get(next);
      if (sourcesOfNext === undefined) sources.set(next, [name]);
      else sourcesOfNext.push(name);
    }
  }
  return sources;
}

/** Returns the length in edges of the longest path that ends at each name. */
export function longestPathLengths(implications: ImplicationGraph): ReadonlyMap<string, number> {
  const sources = reversed(implications);
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const computed = depths.get(name);
    if (computed !== undefined) return computed;
    const depth = Math.max(0, ...(sources.get(name) ?? []).map((source) => depthOf(source) + 1));
    depths.set(name, depth);
    return depth;
  };
  for (const name of [...implications.keys(), ...sources.keys()]) depthOf(name);
  return depths;
}

/** Returns the union of several graphs. */
export function union(...graphs: readonly ImplicationGraph[]): ImplicationGraph {
  const all = new Map<string, string[]>();
  for (const graph of graphs) {
    for (const [name, nexts] of graph) all.set(name, [...all.get(name) ?? [], ...nexts]);
  }
  return all;
}
