/**
 * The names of anomalies and the implications between them. For example, each G0 is also a G1c, so
 * a model that prohibits G1c prohibits G0.
 *
 * The cycles are Adya's ("Weak Consistency", 1999), extended by Elle (Kingsbury & Alvaro, "Elle:
 * Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). The suffix `-item`
 * marks a cycle without predicates. The suffixes `-process` and `-realtime` mark a cycle that needs
 * edges of process order or real-time order.
 *
 * @module
 */

import { compareAscending } from "../../base/mod.ts";
import {
  type ImplicationGraph,
  longestPathLengths,
  reachable,
  reversed,
  union,
} from "./implication_graph.ts";

const variants = ["", "-process", "-realtime"] as const;

/** The cycles that each cycle implies, within each variant. */
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
  // No version order explains all these reads, so at least one read an uncommitted version.
  ["incompatible-order", ["G1a"]],
  ["dirty-update", ["G1a"]],
  // A cycle of one transaction, which read its own later write.
  ["future-read", ["G1c"]],
  ["internal-after-null", ["internal"]],
  ["lost-update", ["write-skew", "G2-item"]],
  ["write-skew", ["G2"]],
]);

/** Edges that are not implications but, as in Elle, order the search by severity. */
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

/** Returns the anomalies and all anomalies that they imply. */
export function impliedAnomalies(anomalies: Iterable<string>): Set<string> {
  return reachable(implications, anomalies);
}

/** Returns the anomalies and all anomalies that imply one of them. */
export function specialCasesOf(anomalies: Iterable<string>): Set<string> {
  return reachable(specialCases, anomalies);
}

/** Compares anomalies by severity, the most severe first, then by name: Elle's search order. */
export function compareSeverity(a: string, b: string): number {
  const difference = (depths.get(a) ?? 0) - (depths.get(b) ?? 0);
  return difference !== 0 ? difference : compareAscending(a, b);
}
