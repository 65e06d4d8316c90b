/**
 * The cycle anomalies of one strongly connected component. The search takes the kinds of cycles in
 * the order of severity and reports at most one cycle of each. As in Elle, it skips the kinds that
 * a cycle already found implies.
 *
 * @module
 */

import { impliedAnomalies } from "./anomalies.ts";
import { type CycleExistence, excludedCycleKinds, findCycleExistence } from "./cycle_existence.ts";
import { type ClassifiedCycle, classifyCycle, type Component } from "./component.ts";
import { type CycleKind, cycleKinds, relationsOf } from "./cycle_kinds.ts";
import { findCycle, type StepBudget, StepBudgetExhausted } from "./cycle_search.ts";
import { OrderedGraph } from "./ordered_graph.ts";
import { findCycleInProductGraph } from "./product_graph_search.ts";

/** The cycles that a search of a component found. */
export interface ComponentCycles {
  readonly existence: readonly CycleExistence[];
  readonly cycles: readonly ClassifiedCycle[];
  /** The number of steps that the search of all paths took. */
  readonly steps: number;
  /** The kind at which the search of all paths used up its budget, if it did. */
  readonly timedOutAt?: string;
}

/**
 * Searches a component for cycles. The search of all paths takes at most `maxSteps` steps; after
 * that, the remaining kinds are searched with {@link findCycleInProductGraph}.
 */
export function findComponentCycles(component: Component, maxSteps: number): ComponentCycles {
  const existence = findCycleExistence(component.graph);
  const skipped = excludedCycleKinds(existence);
  const budget: StepBudget = { remaining: maxSteps };
  const cycles: ClassifiedCycle[] = [];
  const graphs = new Map<number, OrderedGraph>();
  let timedOutAt: string | undefined;
  const find = (kind: CycleKind): ClassifiedCycle | undefined => {
    if (timedOutAt !== undefined) return findCycleInProductGraph(kind, component);
    try {
      return searchAllPaths(kind, component, graphs, budget);
    } catch (error) {
      if (!(error instanceof StepBudgetExhausted)) throw error;
      timedOutAt = kind.name;
      return findCycleInProductGraph(kind, component);
    }
  };
  for (const kind of cycleKinds) {
    if (skipped.has(kind.name)) continue;
    const found = find(kind);
    if (found === undefined) continue;
    cycles.push(found);
    for (const anomaly of impliedAnomalies([kind.name])) skipped.add(anomaly);
  }
  const steps = maxSteps - Math.max(0, budget.remaining);
  return { existence, cycles, steps, ...(timedOutAt === undefined ? {} : { timedOutAt }) };
}

/**
 * Searches all simple paths for a cycle of a kind; `graphs` caches the graph of each relation set.
 */
function searchAllPaths(
  kind: CycleKind,
  component: Component,
  graphs: Map<number, OrderedGraph>,
  budget: StepBudget,
): ClassifiedCycle | undefined {
  const relations = relationsOf(kind);
  let graph = graphs.get(relations);
  if (graph === undefined) {
    graph = new OrderedGraph(component.graph, component.hashes, relations);
    graphs.set(relations, graph);
  }
  const vertices = findCycle(graph, kind, budget);
  if (vertices === undefined) return undefined;
  const cycle = classifyCycle(vertices, component);
  return kind.exact && cycle.anomaly !== kind.name ? undefined : cycle;
}
