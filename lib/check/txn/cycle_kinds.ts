/**
 * The kinds of dependency cycles: for each anomaly, the edges that a search for such a cycle may
 * follow and the edges that the cycle must contain, as in Elle's cycle specifications.
 *
 * The classification of a cycle can differ from the kind that was searched for. The search may read
 * an edge as each of its relations, but the classification uses the preferred relation of each
 * edge. So a search for G2-item may find a G-single-item.
 *
 * @module
 */

import { compareSeverity } from "./anomalies.ts";
import { PROCESS, REALTIME, type RelationName, RW, WR, WW } from "./relations.ts";

/** The anti-dependencies that a cycle may contain if they are not among the unrestricted edges. */
export type AntiDependencyRule = "none" | "single" | "nonadjacent";

/** A kind of cycle, as a specification for the search. */
export interface CycleKind {
  /** The name of the anomaly. */
  readonly name: string;
  /** The relations that any number of edges may have. */
  readonly unrestricted: number;
  /** The relations that at least one edge each must have. */
  readonly required: number;
  /** The anti-dependencies that are allowed besides the unrestricted edges. */
  readonly antiDependencies: AntiDependencyRule;
  /** The minimum number of anti-dependencies. */
  readonly minAntiDependencies: 0 | 1 | 2;
  /** Whether the search drops a cycle that is classified as another anomaly. */
  readonly exact: boolean;
}

/**
 * The kinds without process or real-time edges. Elle also has kinds without `-item`, for
 * predicates. The transactions here have no predicates, so a search for those could only find
 * cycles of the `-item` kinds and drop them.
 */
const dataKinds: readonly CycleKind[] = [
  {
    name: "G0",
    unrestricted: WW,
    required: 0,
    antiDependencies: "none",
    minAntiDependencies: 0,
    exact: false,
  },
  {
    name: "G1c",
    unrestricted: WW | WR,
    required: WR,
    antiDependencies: "none",
    minAntiDependencies: 0,
    exact: false,
  },
  {
    name: "G-single-item",
    unrestricted: WW | WR,
    required: 0,
    antiDependencies: "single",
    minAntiDependencies: 1,
    exact: true,
  },
  {
    name: "G-nonadjacent-item",
    unrestricted: WW | WR,
    required: 0,
    antiDependencies: "nonadjacent",
    minAntiDependencies: 2,
    exact: true,
  },
  {
    name: "G2-item",
    unrestricted: WW | WR | RW,
    required: 0,
    antiDependencies: "none",
    minAntiDependencies: 2,
    exact: true,
  },
];

/** All kinds of cycles in the order of the search: the most severe first. */
export const cycleKinds: readonly CycleKind[] = dataKinds
  .flatMap((
    kind,
  ) => [
    kind,
    withTimeRelation(kind, "process", PROCESS),
    withTimeRelation(kind, "realtime", REALTIME),
  ])
  .sort((a, b) => compareSeverity(a.name, b.name));

function withTimeRelation(kind: CycleKind, suffix: string, relation: number): CycleKind {
  return {
    ...kind,
    name: `${kind.name}-${suffix}`,
    unrestricted: kind.unrestricted | relation,
    required: kind.required | relation,
  };
}

/** Returns all relations that an edge in a cycle of this kind may have. */
export function relationsOf(kind: CycleKind): number {
  return kind.unrestricted | (kind.antiDependencies === "none" ? 0 : RW);
}

/** Returns the anomaly that a cycle is, given the relations of its edges in order. */
export function classifySteps(steps: readonly RelationName[]): string {
  const suffix = steps.includes("realtime")
    ? "-realtime"
    : steps.includes("process")
    ? "-process"
    : "";
  return classifyDataSteps(steps) + suffix;
}

function classifyDataSteps(steps: readonly RelationName[]): string {
  const antiDependencies = steps.filter((step) => step === "rw").length;
  if (antiDependencies === 1) return "G-single-item";
  if (antiDependencies > 1) {
    const adjacent = steps.some((step, at) => step === "rw" && steps.at(at - 1) === "rw");
    return adjacent ? "G2-item" : "G-nonadjacent-item";
  }
  return steps.includes("wr") ? "G1c" : "G0";
}
