/**
 * The names of anomalies, and which of them are special cases of which: who finds a G0 has found a
 * G1c, and whoever forbids G1c forbids G0.
 *
 * The names of cycles are those of Adya ("Weak Consistency", 1999) as Elle (Kingsbury & Alvaro,
 * "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020) extends them:
 * `-item` where no predicates are involved, `-process` and `-realtime` where the cycle needs the
 * order within a process, or real time.
 *
 * @module
 */

import {
  type ImplicationGraph,
  longestPathLengths,
  reachable,
  reversed,
  union,
} from "./implication_graph.ts";

const variants = ["", "-process", "-realtime"] as const;

/** Special cases among cycles; they hold in each variant alike. */
const cycleImplications: Readonly<Record<string, readonly string[]>> = {
  "G0": ["G1c"],
  "G1c": ["G1"],
  "G1": [],
  "G-single-item": ["G-single", "G-nonadjacent-item"],
  "G-single": ["G-nonadjacent"],
  "G-nonadjacent-item": ["G-nonadjacent", "G2-item"],
  "G-nonadjacent": ["G2"],
  "G2-item": ["G2"],
  "G2": [],
};

const otherImplications: ImplicationGraph = new Map([
  ["G1a", ["G1"]],
  ["G1b", ["G1"]],
  ["G-single", ["GSIb"]],
  ["GSIa", ["GSI"]],
  ["GSIb", ["GSI"]],
  // Reads that no one order of versions explains have seen what was never committed.
  ["incompatible-order", ["G1a"]],
  ["dirty-update", ["G1a"]],
  // A cycle of one transaction: it reads from its own future.
  ["future-read", ["G1c"]],
  ["lost-update", ["write-skew", "G2-item"]],
  ["write-skew", ["G2"]],
]);

/** How much worse is no implication, but decides what is looked for first. */
const severity: ImplicationGraph = new Map<string, readonly string[]>([
  ...variants.map((variant): [string, readonly string[]] => [
    "G1c" + variant,
    ["G-single" + variant, "G2-item" + variant],
  ]),
  ["G2", ["G0-process"]],
  ["G2-process", ["G0-realtime"]],
]);

const implications: ImplicationGraph = union(
  new Map(
    Object.entries(cycleImplications).flatMap(([name, nexts]) =>
      variants.map((variant, at) => {
        const wider = variants[at + 1];
        const inVariant = nexts.map((next) => next + variant);
        return [name + variant, wider === undefined ? inVariant : [...inVariant, name + wider]];
      })
    ),
  ),
  otherImplications,
);
const specialCases = reversed(implications);
const depths = longestPathLengths(union(implications, severity));

/** The anomalies and all others that are present with them. */
export function impliedAnomalies(anomalies: Iterable<string>): Set<string> {
  return reachable(implications, anomalies);
}

/** The anomalies and all others that would be a case of one of them. */
export function specialCasesOf(anomalies: Iterable<string>): Set<string> {
  return reachable(specialCases, anomalies);
}

/** Orders anomalies as Elle looks for them: the worst first, and by name among equals. */
export function compareSeverity(a: string, b: string): number {
  const difference = (depths.get(a) ?? 0) - (depths.get(b) ?? 0);
  return difference !== 0 ? difference : a < b ? -1 : a > b ? 1 : 0;
}
