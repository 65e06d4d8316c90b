/**
 * The anomalies that a dependency graph of transactions shows: component by component, found and
 * explained.
 *
 * @module
 */

import type { AnomalyLog } from "./anomaly_log.ts";
import type { ClassifiedCycle, Component } from "./component.ts";
import { type ComponentCycles, findComponentCycles } from "./component_cycles.ts";
import { friendlyName } from "./consistency_models.ts";
import { type CycleExistence, describeExistence } from "./cycle_existence.ts";
import { type DependencyGraph, inducedSubgraph } from "./dependency_graph.ts";
import { completionIndex, describeCycle, type EdgeExplainer } from "./cycle_explanation.ts";
import { stronglyConnectedComponents } from "./strongly_connected_components.ts";
import type { Transactions } from "./transactions.ts";
import { operationHash } from "./trie_order.ts";

/** How cycles are searched and explained. */
export interface CycleSearchOptions {
  /** Relations, that which explains an edge best first. */
  readonly precedence: readonly number[];
  readonly explain: EdgeExplainer;
  /** How many steps to take at most in the search of one component; ten times as many in all. */
  readonly maxSteps: number;
}

const TOTAL_BUDGET_FACTOR = 10;

/** What a component gets when the others have used up everything. */
const MIN_COMPONENT_STEPS = 1000;

/** Notes all cycles found in a graph whose vertices are the transactions; the shortest ones first. */
export function recordCycles(
  transactions: Transactions,
  graph: DependencyGraph,
  options: CycleSearchOptions,
  log: AnomalyLog,
): void {
  const cycles: ClassifiedCycle[] = [];
  const numberOf = new Int32Array(graph.size).fill(-1);
  const components = stronglyConnectedComponents(graph, ~0, false).sort((a, b) =>
    a.length - b.length
  );
  let steps = options.maxSteps * TOTAL_BUDGET_FACTOR;
  for (const members of components) {
    const component: Component = {
      graph: inducedSubgraph(graph, members, numberOf),
      hashes: members.map((transaction) =>
        operationHash(completionIndex(transactions, transaction))
      ),
      precedence: options.precedence,
    };
    const found = findComponentCycles(
      component,
      Math.min(options.maxSteps, Math.max(MIN_COMPONENT_STEPS, steps)),
    );
    steps -= found.steps;
    for (const cycle of found.cycles) {
      const vertices = cycle.vertices.map((vertex) => members[vertex] as number);
      cycles.push({ ...cycle, vertices });
    }
    for (const existence of found.existence) recordExistence(existence, members, transactions, log);
    recordTimeout(found, members.length, log);
  }
  cycles.sort((a, b) =>
    a.steps.length - b.steps.length || Math.min(...a.vertices) - Math.min(...b.vertices)
  );
  for (const cycle of cycles) {
    log.record(cycle.anomaly, () => describeCycle(cycle, transactions, options.explain));
  }
}

function recordExistence(
  existence: CycleExistence,
  members: Int32Array,
  transactions: Transactions,
  log: AnomalyLog,
): void {
  log.record(existence.anomaly, () => ({
    not: friendlyName(existence.model),
    operations: existence.component
      .map((vertex) => completionIndex(transactions, members[vertex] as number))
      .sort((a, b) => a - b),
    message: describeExistence(existence),
  }));
}

function recordTimeout(
  { timedOutAt: exhaustedAt, steps }: ComponentCycles,
  size: number,
  log: AnomalyLog,
): void {
  if (exhaustedAt === undefined) return;
  log.record("cycle-search-timeout", () => ({
    "anomaly-spec-type": exhaustedAt,
    "scc-size": size,
    message: `the search among ${size} transactions that depend on each other gave up at ` +
      `${exhaustedAt} after ${steps} steps`,
  }));
}
