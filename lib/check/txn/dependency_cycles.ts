/**
 * The anomalies that a dependency graph of transactions shows: component by component, found and
 * explained.
 *
 * @module
 */

import type { AnomalyLog } from "./anomaly_log.ts";
import type { Component, FoundCycle } from "./component.ts";
import { type ComponentCycles, cyclesOf } from "./component_cycles.ts";
import { friendlyName } from "./consistency_models.ts";
import { type CycleExistence, describeExistence } from "./cycle_existence.ts";
import { type DependencyGraph, subgraph } from "./dependency_graph.ts";
import { describeCycle, type Explainer, indexOf } from "./explain.ts";
import { strongComponents } from "./strong_components.ts";
import type { Transactions } from "./transactions.ts";
import { operationHash } from "./visiting_order.ts";

/** How cycles are searched and explained. */
export interface CycleOptions {
  /** Relations, that which explains an edge best first. */
  readonly precedence: readonly number[];
  readonly explain: Explainer;
  /** How many steps to take at most in the search of one component; ten times as many in all. */
  readonly budget: number;
}

const componentBudgets = 10;

/** What a component gets when the others have used up everything. */
const leastSteps = 1000;

/** Notes all cycles found in a graph whose vertices are the transactions; the shortest ones first. */
export function noteCycles(
  transactions: Transactions,
  graph: DependencyGraph,
  options: CycleOptions,
  log: AnomalyLog,
): void {
  const cycles: FoundCycle[] = [];
  const numberOf = new Int32Array(graph.size).fill(-1);
  const components = strongComponents(graph, ~0, false).sort((a, b) => a.length - b.length);
  let steps = options.budget * componentBudgets;
  for (const members of components) {
    const component: Component = {
      graph: subgraph(graph, members, numberOf),
      hashes: members.map((transaction) => operationHash(indexOf(transactions, transaction))),
      precedence: options.precedence,
    };
    const found = cyclesOf(component, Math.min(options.budget, Math.max(leastSteps, steps)));
    steps -= found.steps;
    for (const cycle of found.cycles) {
      const vertices = cycle.vertices.map((vertex) => members[vertex] as number);
      cycles.push({ ...cycle, vertices });
    }
    for (const existence of found.existence) noteExistence(existence, members, transactions, log);
    noteExhaustion(found, members.length, log);
  }
  cycles.sort((a, b) =>
    a.steps.length - b.steps.length || Math.min(...a.vertices) - Math.min(...b.vertices)
  );
  for (const cycle of cycles) {
    log.note(cycle.anomaly, () => describeCycle(cycle, transactions, options.explain));
  }
}

function noteExistence(
  existence: CycleExistence,
  members: Int32Array,
  transactions: Transactions,
  log: AnomalyLog,
): void {
  log.note(existence.anomaly, () => ({
    not: friendlyName(existence.model),
    operations: existence.component
      .map((vertex) => indexOf(transactions, members[vertex] as number))
      .sort((a, b) => a - b),
    message: describeExistence(existence),
  }));
}

function noteExhaustion(
  { exhaustedAt, steps }: ComponentCycles,
  size: number,
  log: AnomalyLog,
): void {
  if (exhaustedAt === undefined) return;
  log.note("cycle-search-timeout", () => ({
    "anomaly-spec-type": exhaustedAt,
    "scc-size": size,
    message: `the search among ${size} transactions that depend on each other gave up at ` +
      `${exhaustedAt} after ${steps} steps`,
  }));
}
