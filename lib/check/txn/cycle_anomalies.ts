/**
 * The cycle anomalies of a dependency graph. Each strongly connected component is searched on its
 * own, and each cycle found is explained.
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

/** Options of the search for cycles. */
export interface CycleSearchOptions {
  /** All relations, the preferred one first; see `Component.precedence`. */
  readonly precedence: readonly number[];
  readonly explain: EdgeExplainer;
  /**
   * The maximum number of steps in the search of one component. All components together may take
   * {@link TOTAL_BUDGET_FACTOR} times as many.
   */
  readonly maxSteps: number;
}

const TOTAL_BUDGET_FACTOR = 10;

/** The budget of a component if the others have used up the total budget. */
const MIN_COMPONENT_STEPS = 1000;

/**
 * Records the cycles of a graph whose vertices are the transactions, the shortest first. Returns
 * whether the graph has any cycle.
 */
export function recordCycles(
  transactions: Transactions,
  graph: DependencyGraph,
  options: CycleSearchOptions,
  log: AnomalyLog,
): boolean {
  const cycles: ClassifiedCycle[] = [];
  const scratch = new Int32Array(graph.size).fill(-1);
  const components = stronglyConnectedComponents(graph, ~0, false).sort((a, b) =>
    a.length - b.length
  );
  let totalSteps = options.maxSteps * TOTAL_BUDGET_FACTOR;
  for (const members of components) {
    const component: Component = {
      graph: inducedSubgraph(graph, members, scratch),
      hashes: members.map((transaction) =>
        operationHash(completionIndex(transactions, transaction))
      ),
      precedence: options.precedence,
    };
    const found = findComponentCycles(
      component,
      Math.min(options.maxSteps, Math.max(MIN_COMPONENT_STEPS, totalSteps)),
    );
    totalSteps -= found.steps;
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
  return components.length > 0;
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
  { timedOutAt, steps }: ComponentCycles,
  size: number,
  log: AnomalyLog,
): void {
  if (timedOutAt === undefined) return;
  log.record("cycle-search-timeout", () => ({
    "anomaly-spec-type": timedOutAt,
    "scc-size": size,
    message: `the search for ${timedOutAt} cycles in a strongly connected component of ${size} ` +
      `transactions stopped after ${steps} steps; a faster search that can miss cycles followed`,
  }));
}
