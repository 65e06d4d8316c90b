/**
 * The ways in which one transaction can come before another, as bits, so that an edge of the
 * dependency graph holds a set of them in one number.
 *
 * @module
 */

/** Write–write: the second one's version of a key follows the first one's. */
export const WW = 1;
/** Write–read: the second one read the version that the first one wrote. */
export const WR = 2;
/** Read–write, an anti-dependency: the second one overwrote the version that the first one read. */
export const RW = 4;
/** The same process did the first one before the second one. */
export const PROCESS = 8;
/** The first one had ended before the second one began. */
export const REALTIME = 16;

/** How a relation is called in results. */
export type RelationName = "ww" | "wr" | "rw" | "process" | "realtime";

/** The relations in the order of their bits. */
export const allRelations: readonly number[] = [WW, WR, RW, PROCESS, REALTIME];

const names: ReadonlyMap<number, RelationName> = new Map([
  [WW, "ww"],
  [WR, "wr"],
  [RW, "rw"],
  [PROCESS, "process"],
  [REALTIME, "realtime"],
]);

/** The names of a set of relations, in the order of their bits. */
export function relationNames(set: number): RelationName[] {
  return allRelations.filter((relation) => (set & relation) !== 0)
    .map((relation) => names.get(relation) as RelationName);
}
