/**
 * Consistency models, which of them are stronger than which, and which anomalies each forbids. From
 * the anomalies found it follows which models are ruled out, and by which of them first.
 *
 * The tables are facts from Elle's (github jepsen-io/elle), which names its sources: Adya's thesis;
 * Bailis et al., "Highly Available Transactions"; Cerone, Bernardi & Gotsman, "A Framework for
 * Transactional Consistency Models with Atomic Visibility"; Daudjee & Salem on session guarantees.
 * Models have a short canonical name (Adya's PL-3) and a friendly one (serializable).
 *
 * @module
 */

import { impliedAnomalies, specialCasesOf } from "./anomalies.ts";
import { type ImplicationGraph, reachable, reversed } from "./implication_graph.ts";

const canonicalNames: ReadonlyMap<string, string> = new Map([
  ["read-uncommitted", "PL-1"],
  ["read-committed", "PL-2"],
  ["cursor-stability", "PL-CS"],
  ["monotonic-view", "PL-2L"],
  ["monotonic-snapshot-read", "PL-MSR"],
  ["consistent-view", "PL-2+"],
  ["forward-consistent-view", "PL-FCV"],
  ["snapshot-isolation", "PL-SI"],
  ["repeatable-read", "PL-2.99"],
  ["update-serializable", "PL-3U"],
  ["conflict-serializable", "PL-3"],
  ["serializable", "PL-3"],
  ["strict-serializable", "PL-SS"],
  ["strong-serializable", "PL-SS"],
  ["strong-session-read-uncommitted", "strong-session-PL-1"],
  ["strong-session-read-committed", "strong-session-PL-2"],
  ["strong-read-uncommitted", "strong-PL-1"],
  ["strong-read-committed", "strong-PL-2"],
]);

/** Where a model has two names, the later one is shown (as Elle does: `strong-serializable`). */
const friendlyNames: ReadonlyMap<string, string> = new Map(
  [...canonicalNames].map(([friendly, canonical]) => [canonical, friendly]),
);

/** Each model with weaker ones that it contains. */
const weakerModels: ImplicationGraph = new Map([
  ["PL-SS", [
    "PL-3",
    "PL-SI",
    "strong-snapshot-isolation",
    "strong-session-serializable",
    "session-serializable",
    "linearizable",
  ]],
  ["strong-session-serializable", ["PL-3", "strong-session-snapshot-isolation"]],
  ["strong-snapshot-isolation", ["strong-session-snapshot-isolation", "strong-PL-2"]],
  ["strong-session-snapshot-isolation", ["PL-SI", "strong-session-PL-2"]],
  ["strong-PL-2", ["strong-session-PL-2", "strong-PL-1"]],
  ["strong-PL-1", ["strong-session-PL-1"]],
  ["strong-session-PL-2", ["PL-2", "strong-session-PL-1"]],
  ["strong-session-PL-1", ["PL-1"]],
  ["PL-3", ["PL-2.99", "PL-3U", "PL-SI", "view-serializable"]],
  ["PL-3U", ["PL-FCV"]],
  ["PL-2.99", ["PL-CS", "monotonic-atomic-view"]],
  ["PL-SI", ["PL-FCV", "monotonic-atomic-view", "PL-MSR", "parallel-snapshot-isolation", "prefix"]],
  ["PL-FCV", ["PL-2+"]],
  ["PL-2+", ["PL-CS", "PL-2L"]],
  ["PL-CS", ["PL-2"]],
  ["PL-2L", ["PL-2"]],
  ["PL-MSR", ["PL-2"]],
  ["parallel-snapshot-isolation", ["causal-cerone", "update-atomic"]],
  ["prefix", ["causal-cerone"]],
  ["causal-cerone", ["read-atomic"]],
  ["update-atomic", ["read-atomic"]],
  ["read-atomic", ["monotonic-atomic-view"]],
  ["monotonic-atomic-view", ["PL-2"]],
  ["PL-2", ["PL-1"]],
  ["session-serializable", ["1SR"]],
  ["linearizable", ["sequential"]],
  ["sequential", ["causal"]],
  ["causal", ["writes-follow-reads", "PRAM"]],
  ["PRAM", ["monotonic-reads", "monotonic-writes", "read-your-writes"]],
]);
const strongerModels = reversed(weakerModels);

/** Each model with the anomalies that it forbids beyond those of the weaker ones. */
const prohibitedAnomalies: ImplicationGraph = new Map([
  // A phantom read, of what nobody wrote, is our own addition: no model can have one.
  ["PL-1", ["G0", "duplicate-elements", "cyclic-versions", "phantom-read", "PL-1-cycle-exists"]],
  ["PL-2", ["G1", "PL-2-cycle-exists"]],
  ["PL-CS", ["G1", "G-cursor", "lost-update"]],
  ["PL-2L", ["G1", "G-monotonic"]],
  ["PL-MSR", ["G1", "G-MSR"]],
  ["PL-2+", ["G1", "G-single"]],
  ["PL-FCV", ["G1", "G-SIb"]],
  ["PL-3U", ["G1", "G-update"]],
  ["read-atomic", ["internal", "G1a", "future-read"]],
  ["causal-cerone", ["internal", "G1a"]],
  ["prefix", ["internal", "G1a"]],
  ["parallel-snapshot-isolation", ["internal", "G1a"]],
  ["update-atomic", ["lost-update"]],
  ["PL-2.99", ["G1", "G2-item", "lost-update", "PL-2.99-cycle-exists"]],
  ["PL-SI", ["internal", "G1", "G-SI", "G-nonadjacent", "PL-SI-cycle-exists"]],
  ["PL-3", ["internal", "G1", "G2", "predicate-read-miss", "PL-3-cycle-exists"]],
  ["strong-session-PL-1", ["G0-process", "strong-session-PL-1-cycle-exists"]],
  ["strong-session-PL-2", ["G1c-process", "strong-session-PL-2-cycle-exists"]],
  ["strong-session-snapshot-isolation", [
    "internal",
    "G1-process",
    "G-nonadjacent-process",
    "strong-session-snapshot-isolation-cycle-exists",
  ]],
  ["strong-session-serializable", [
    "G1-process",
    "G2-process",
    "strong-session-serializable-cycle-exists",
  ]],
  ["strong-PL-1", ["G0-realtime", "strong-PL-1-cycle-exists"]],
  ["strong-PL-2", ["G1c-realtime", "strong-PL-2-cycle-exists"]],
  ["strong-snapshot-isolation", [
    "internal",
    "G1-realtime",
    "G-nonadjacent-realtime",
    "strong-snapshot-isolation-cycle-exists",
  ]],
  ["PL-SS", ["G1", "G1c-realtime", "G2-realtime", "PL-SS-cycle-exists"]],
]);
const prohibitingModels = reversed(prohibitedAnomalies);

const canonicalModels: ReadonlySet<string> = reachable(weakerModels, weakerModels.keys());

/** Every model, by its friendly name, in alphabetical order. */
export const consistencyModels: readonly string[] = [
  ...new Set([...canonicalNames.keys(), ...[...canonicalModels].map(friendlyName)]),
].sort();

/** The name that the tables use: `PL-3` for `serializable`. Other names are returned as they are. */
export function canonicalName(model: string): string {
  return canonicalNames.get(model) ?? model;
}

/** The name that people use: `serializable` for `PL-3`. Other names are returned as they are. */
export function friendlyName(model: string): string {
  return friendlyNames.get(model) ?? model;
}

/** Whether this is a model's name, canonical or friendly. */
export function isConsistencyModel(name: string): boolean {
  return canonicalModels.has(canonicalName(name));
}

/** All anomalies that cannot be present if every one of these models holds. */
export function anomaliesProhibitedBy(models: Iterable<string>): Set<string> {
  const implied = reachable(weakerModels, [...models].map(canonicalName));
  return specialCasesOf([...implied].flatMap((model) => prohibitedAnomalies.get(model) ?? []));
}

/** All models, by canonical name, that cannot hold if these do not. */
export function modelsAtLeastAsStrongAs(models: Iterable<string>): Set<string> {
  return reachable(strongerModels, [...models].map(canonicalName));
}

/** All models, by canonical name, that cannot hold where these anomalies are present. */
export function impossibleModels(anomalies: Iterable<string>): Set<string> {
  return modelsAtLeastAsStrongAs(
    [...impliedAnomalies(anomalies)].flatMap((anomaly) => prohibitingModels.get(anomaly) ?? []),
  );
}

/** Which models anomalies rule out. */
export interface ModelBoundary {
  /** The weakest of them, by friendly name, in alphabetical order. */
  readonly not: readonly string[];
  /** All stronger ones, likewise. */
  readonly "also-not": readonly string[];
}

/** Which models do not hold where these anomalies are present: the weakest, and all the others. */
export function modelBoundary(anomalies: Iterable<string>): ModelBoundary {
  const impossible = impossibleModels(anomalies);
  const isWeakest = (model: string): boolean => {
    const below = reachable(weakerModels, [model]);
    below.delete(model);
    return ![...below].some((other) => impossible.has(other));
  };
  const names = (models: readonly string[]) => models.map(friendlyName).sort();
  return {
    not: names([...impossible].filter(isWeakest)),
    "also-not": names([...impossible].filter((model) => !isWeakest(model))),
  };
}
