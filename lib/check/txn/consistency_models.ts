/**
 * Consistency models: the order of their strength, and the anomalies that each prohibits. Together
 * these determine which models an anomaly rules out.
 *
 * The tables are Elle's (github jepsen-io/elle), which names its sources: Adya's thesis; Bailis et
 * al., "Highly Available Transactions"; Cerone, Bernardi & Gotsman, "A Framework for Transactional
 * Consistency Models with Atomic Visibility"; Daudjee & Salem on session guarantees. As in Elle, a
 * model has a canonical name (Adya's PL-3) and a friendly name (serializable).
 *
 * @module
 */

import { impliedAnomalies, specialCasesOf } from "./anomalies.ts";
import { isolationLevels } from "./decision/isolation_level.ts";
import { type ImplicationGraph, reachable, reversed, union } from "./implication_graph.ts";

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

/** If a model has two friendly names, the later one counts, as in Elle: `strong-serializable`. */
const friendlyNames: ReadonlyMap<string, string> = new Map(
  [...canonicalNames].map(([friendly, canonical]) => [canonical, friendly]),
);

/** The weaker models that each model implies. */
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
  ["strong-session-snapshot-isolation", ["PL-SI", "strong-session-PL-2", "strong-session-causal"]],
  ["strong-session-causal", ["causal-cerone"]],
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

/** The anomalies of Elle that each model prohibits, without those that its weaker models prohibit. */
const anomaliesOfElle: ImplicationGraph = new Map([
  ["PL-1", ["G0", "duplicate-elements", "cyclic-versions", "PL-1-cycle-exists"]],
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

/**
 * The anomalies that Elle lacks. A phantom-read is the read of a value that was never written, which
 * Elle's paper calls a garbage read.
 */
const otherAnomalies: ImplicationGraph = new Map<string, readonly string[]>([
  ["PL-1", ["phantom-read", "reply-mismatch", "reordered-appends"]],
  ["parallel-snapshot-isolation", ["no-parallel-snapshot-order"]],
  ["view-serializable", ["no-serial-order"]],
  ...isolationLevels.map(({ model, anomaly }) => [model, [anomaly]] as const),
]);

/** The anomalies that Elle does not report. */
export const anomaliesUnknownToElle: readonly string[] = [
  ...[...otherAnomalies.values()].flat(),
  "internal-after-null",
  "undecided",
];

const prohibitedAnomalies = union(anomaliesOfElle, otherAnomalies);
const prohibitingModels = reversed(prohibitedAnomalies);

const canonicalModels: ReadonlySet<string> = reachable(weakerModels, weakerModels.keys());

/** The friendly names of all models, in alphabetical order. */
export const consistencyModels: readonly string[] = [
  ...new Set([...canonicalNames.keys(), ...[...canonicalModels].map(friendlyName)]),
].sort();

/** Returns a model's canonical name: `PL-3` for `serializable`. Returns other names unchanged. */
export function canonicalName(model: string): string {
  return canonicalNames.get(model) ?? model;
}

/** Returns a model's friendly name: `serializable` for `PL-3`. Returns other names unchanged. */
export function friendlyName(model: string): string {
  return friendlyNames.get(model) ?? model;
}

/** Returns whether this is the canonical or friendly name of a model. */
export function isConsistencyModel(name: string): boolean {
  return canonicalModels.has(canonicalName(name));
}

/** Models that Elle lacks; a boundary names them only if they are among the weakest. */
const modelsUnknownToElle: readonly string[] = ["strong-session-causal"];

/** Models that are checked with the order of each process, as Biswas & Enea define them. */
const modelsWithProcesses: readonly string[] = [
  "causal-cerone",
  "prefix",
  "parallel-snapshot-isolation",
];

/**
 * Returns all anomalies that at least one of the models prohibits. The models `causal-cerone`,
 * `prefix` and `parallel-snapshot-isolation` include `strong-session-causal` here, but not where a
 * stronger model implies them: Adya's snapshot isolation does not keep the order of a process.
 */
export function anomaliesProhibitedBy(models: Iterable<string>): Set<string> {
  const named = [...models].map(canonicalName);
  const keepsProcesses = named.some((model) => modelsWithProcesses.includes(model));
  const implied = reachable(weakerModels, [
    ...named,
    ...keepsProcesses ? ["strong-session-causal"] : [],
  ]);
  return specialCasesOf([...implied].flatMap((model) => prohibitedAnomalies.get(model) ?? []));
}

/** Returns the canonical names of the given models and of all stronger models. */
export function modelsAtLeastAsStrongAs(models: Iterable<string>): Set<string> {
  return reachable(strongerModels, [...models].map(canonicalName));
}

/** Returns the canonical names of all models that the anomalies rule out. */
export function impossibleModels(anomalies: Iterable<string>): Set<string> {
  return modelsAtLeastAsStrongAs(
    [...impliedAnomalies(anomalies)].flatMap((anomaly) => prohibitingModels.get(anomaly) ?? []),
  );
}

/** The boundary of the models that a history rules out; friendly names in alphabetical order. */
export interface ModelBoundary {
  /** The weakest models that are ruled out. */
  readonly not: readonly string[];
  /** The other models that are ruled out: each is stronger than one of the weakest. */
  readonly "also-not": readonly string[];
}

/** Returns the boundary of the models that the anomalies rule out. */
export function modelBoundary(anomalies: Iterable<string>): ModelBoundary {
  const impossible = impossibleModels(anomalies);
  const isWeakest = (model: string): boolean => {
    const weaker = reachable(weakerModels, [model]);
    weaker.delete(model);
    return ![...weaker].some((other) => impossible.has(other));
  };
  const names = (models: readonly string[]) => models.map(friendlyName).sort();
  return {
    not: names([...impossible].filter(isWeakest)),
    "also-not": names(
      [...impossible].filter((model) => !isWeakest(model) && !modelsUnknownToElle.includes(model)),
    ),
  };
}
