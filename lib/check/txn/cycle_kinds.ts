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
export type AntiDependencies = "none" | "one" | "nonadjacent";

/** A kind of cycle, as a rule for the search. */
export interface CycleKind {
  /** The anomaly that it is. */
  readonly name: string;
  /** Relations that any edge may have. */
  readonly ordinary: number;
  /** Relations of which each must occur at least once. */
  readonly required: number;
  /** What other anti-dependencies are allowed. */
  readonly antiDependencies: AntiDependencies;
  /** How many anti-dependencies there must be at least. */
  readonly leastAntiDependencies: 0 | 1 | 2;
  /** Whether a cycle that turns out to have another name is dropped. */
  readonly exact: boolean;
}

/**
 * Elle also knows forms without `-item`, for predicates. No transaction here has any, so a search
 * for those could only find cycles of the other name and drop them.
 */
const plainKinds: readonly CycleKind[] = [
  {
    name: "G0",
    ordinary: WW,
    required: 0,
    antiDependencies: "none",
    leastAntiDependencies: 0,
    exact: false,
  },
  {
    name: "G1c",
    ordinary: WW | WR,
    required: WR,
    antiDependencies: "none",
    leastAntiDependencies: 0,
    exact: false,
  },
  {
    name: "G-single-item",
    ordinary: WW | WR,
    required: 0,
    antiDependencies: "one",
    leastAntiDependencies: 1,
    exact: true,
  },
  {
    name: "G-nonadjacent-item",
    ordinary: WW | WR,
    required: 0,
    antiDependencies: "nonadjacent",
    leastAntiDependencies: 2,
    exact: true,
  },
  {
    name: "G2-item",
    ordinary: WW | WR | RW,
    required: 0,
    antiDependencies: "none",
    leastAntiDependencies: 2,
    exact: true,
  },
];

/** All kinds of cycles, the worst first: the order in which they are looked for. */
export const cycleKinds: readonly CycleKind[] = plainKinds
  .flatMap((kind) => [kind, variant(kind, "process", PROCESS), variant(kind, "realtime", REALTIME)])
  .sort((a, b) => compareSeverity(a.name, b.name));

function variant(kind: CycleKind, suffix: string, relation: number): CycleKind {
  return {
    ...kind,
    name: `${kind.name}-${suffix}`,
    ordinary: kind.ordinary | relation,
    required: kind.required | relation,
  };
}

/** All relations that an edge in a cycle of this kind may have. */
export function relationsOf(kind: CycleKind): number {
  return kind.ordinary | (kind.antiDependencies === "none" ? 0 : RW);
}

/** The anomaly that a cycle is whose edges, in order, are explained by these relations. */
export function anomalyOf(steps: readonly RelationName[]): string {
  const suffix = steps.includes("realtime")
    ? "-realtime"
    : steps.includes("process")
    ? "-process"
    : "";
  return dataAnomaly(steps) + suffix;
}

function dataAnomaly(steps: readonly RelationName[]): string {
  const antiDependencies = steps.filter((step) => step === "rw").length;
  if (antiDependencies === 1) return "G-single-item";
  if (antiDependencies > 1) {
    const adjacent = steps.some((step, at) => step === "rw" && steps.at(at - 1) === "rw");
    return adjacent ? "G2-item" : "G-nonadjacent-item";
  }
  return steps.includes("wr") ? "G1c" : "G0";
}
