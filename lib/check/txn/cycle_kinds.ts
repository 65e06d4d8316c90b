/**
 * Which cycles of dependencies count as which anomaly: as a rule to look for them (edges that may be
 * taken, and edges that must be), and as a name for a cycle that was found.
 *
 * A relation may be demanded that an edge has among others, while the edge is explained by the
 * strongest that it has. So what was looked for as a G2-item may turn out to be a G-single-item;
 * kinds with `exact` accept only what turns out to be of their own name.
 *
 * @module
 */

import { compareSeverity } from "./anomalies.ts";
import { PROCESS, REALTIME, type RelationName, RW, WR, WW } from "./relations.ts";

/** How a cycle may use anti-dependencies that are not among the ordinary edges. */
export type AntiDependencyRule = "none" | "one" | "nonadjacent";

/** A kind of cycle, as a rule for the search. */
export interface CycleKind {
  /** The anomaly that it is. */
  readonly name: string;
  /** Relations that any edge may have. */
  readonly unrestricted: number;
  /** Relations of which each must occur at least once. */
  readonly required: number;
  /** What other anti-dependencies are allowed. */
  readonly antiDependencies: AntiDependencyRule;
  /** How many anti-dependencies there must be at least. */
  readonly minAntiDependencies: 0 | 1 | 2;
  /** Whether a cycle that turns out to have another name is dropped. */
  readonly exact: boolean;
}

/**
 * Elle also knows forms without `-item`, for predicates. No transaction here has any, so a search
 * for those could only find cycles of the other name and drop them.
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
    antiDependencies: "one",
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

/** All kinds of cycles, the worst first: the order in which they are looked for. */
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

/** All relations that an edge in a cycle of this kind may have. */
export function relationsOf(kind: CycleKind): number {
  return kind.unrestricted | (kind.antiDependencies === "none" ? 0 : RW);
}

/** The anomaly that a cycle is whose edges, in order, are explained by these relations. */
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
