/**
 * The relations between two transactions that order the first before the second: Adya's three
 * direct dependencies, process order and real-time order. Each is a bit, so that a number holds a
 * set.
 *
 * @module
 */

/** Write dependency (ww): the second transaction wrote the version after the first one's. */
export const WW = 1;
/** Read dependency (wr): the second transaction read a version that the first one wrote. */
export const WR = 2;
/** Anti-dependency (rw): the second transaction overwrote a version that the first one read. */
export const RW = 4;
/** Process order: the same process executed the first transaction before the second one. */
export const PROCESS = 8;
/** Real-time order: the first transaction completed before the second one was invoked. */
export const REALTIME = 16;

/** A relation's name in results. */
export type RelationName = "ww" | "wr" | "rw" | "process" | "realtime";

/** All relations in the order of their bits. */
export const allRelations: readonly number[] = [WW, WR, RW, PROCESS, REALTIME];

const names: ReadonlyMap<number, RelationName> = new Map([
  [WW, "ww"],
  [WR, "wr"],
  [RW, "rw"],
  [PROCESS, "process"],
  [REALTIME, "realtime"],
]);

/** Returns the names of a set of relations, in the order of their bits. */
export function relationNames(set: number): RelationName[] {
  return allRelations.filter((relation) => (set & relation) !== 0)
    .map((relation) => names.get(relation) as RelationName);
}
