/**
 * What is known of the order of a register's versions. The initial state comes before all others;
 * and where a transaction reads a key and then writes it, the version read comes before the one
 * written (writes follow reads). Nothing else is assumed, as in Maelstrom.
 *
 * Where these contradict each other, the second source is dropped altogether, for all keys, and the
 * contradictions are an anomaly by themselves.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog, Evidence } from "./anomaly_log.ts";
import { EdgeList } from "./dependency_graph.ts";
import type { RegisterVersions } from "./register_versions.ts";
import { stronglyConnectedComponents } from "./strongly_connected_components.ts";
import { COMMITTED, type Transactions } from "./transactions.ts";

/**
 * Of each version: those that are known to come after it. Of an initial state these are all others
 * of its key.
 */
export type RegisterVersionOrder = readonly (readonly number[])[];

/** Finds the order, and notes contradictions in it (cyclic-versions). */
export function inferVersionOrder(
  transactions: Transactions,
  versions: RegisterVersions,
  log: AnomalyLog,
): RegisterVersionOrder {
  const laterVersions = Array.from({ length: versions.count }, (): number[] => []);
  for (let version = 0; version < versions.count; version++) {
    if (versions.isInitial(version) || versions.isExternal[version] !== 1) continue;
    laterVersions[versions.initialVersion(versions.keyOf(version))]?.push(version);
  }
  const updates = findReadThenWritePairs(transactions, versions);
  const cycles = findCycles(versions, updates);
  for (const cycle of cycles) {
    log.record("cyclic-versions", () => cyclicVersionsEvidence(transactions, versions, cycle));
  }
  if (cycles.length === 0) {
    for (const [from, to] of updates) laterVersions[from]?.push(to);
  }
  return laterVersions;
}

/** Pairs of different versions of which some transaction read the one and wrote the other. */
function findReadThenWritePairs(
  transactions: Transactions,
  versions: RegisterVersions,
): [from: number, to: number][] {
  const updates: [number, number][] = [];
  const known = new Set<string>();
  for (let transaction = 0; transaction < transactions.count; transaction++) {
    if (transactions.outcome[transaction] !== COMMITTED) continue;
    for (const { read, written } of versions.externalAccesses(transaction)) {
      if (read < 0 || written < 0 || versions.isInitial(read) || versions.isInitial(written)) {
        continue;
      }
      const pair = `${read} ${written}`;
      if (known.has(pair)) continue;
      known.add(pair);
      updates.push([read, written]);
    }
  }
  return updates;
}

function findCycles(
  versions: RegisterVersions,
  updates: readonly [number, number][],
): Int32Array[] {
  const edges = new EdgeList();
  for (const [from, to] of updates) edges.add(from, to, 1);
  return stronglyConnectedComponents(edges.toGraph(versions.count), 1, false);
}

function cyclicVersionsEvidence(
  transactions: Transactions,
  versions: RegisterVersions,
  cycle: Int32Array,
): Evidence {
  const key = transactions.keys[versions.keyOf(cycle[0] as number)];
  const values = [...cycle].map((version) => versions.valueOf(version));
  return {
    key,
    values,
    message: `of key ${describeValue(key)} the values ${values.map(describeValue).join(", ")} ` +
      "were each written by a transaction that had read another of them, in a circle",
  };
}
