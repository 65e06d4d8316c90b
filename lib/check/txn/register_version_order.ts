/**
 * The partial version order of registers. Registers are not traceable: a read does not show earlier
 * versions. As in Maelstrom, the order is inferred from two rules only. The initial version
 * precedes all others. If a transaction reads a key and then writes it, the version read precedes
 * the version written (writes follow reads).
 *
 * If the second rule yields a cycle, the cycle is an anomaly (cyclic-versions), and the rule is not
 * applied to any key.
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
 * Per version: later versions. For an initial version, all other versions of its key that are known
 * to have been installed.
 */
export type RegisterVersionOrder = readonly (readonly number[])[];

/** Infers the version order and records its cycles (cyclic-versions). */
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

/** Returns the distinct pairs of versions that a committed transaction read and then wrote. */
function findReadThenWritePairs(
  transactions: Transactions,
  versions: RegisterVersions,
): [from: number, to: number][] {
  const updates: [number, number][] = [];
  const found = new Set<number>();
  for (let transaction = 0; transaction < transactions.count; transaction++) {
    if (transactions.outcome[transaction] !== COMMITTED) continue;
    const end = versions.accessStart[transaction + 1] as number;
    for (let access = versions.accessStart[transaction] as number; access < end; access++) {
      const read = versions.accessRead[access] as number;
      const written = versions.accessWritten[access] as number;
      if (read < 0 || written < 0 || versions.isInitial(read) || versions.isInitial(written)) {
        continue;
      }
      const pair = read * versions.count + written;
      if (found.has(pair)) continue;
      found.add(pair);
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
    message: `the version order of key ${describeValue(key)} has a cycle: each of the values ` +
      `${values.map(describeValue).join(", ")} was written by a transaction that had read ` +
      "another of them",
  };
}
