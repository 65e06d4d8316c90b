/**
 * The anomalies of one strongly connected component: for each kind of cycle, from the worst to the
 * mildest, one cycle at most; kinds that are implied by one already found are not looked for.
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

/** What a component holds. */
export interface ComponentCycles {
  readonly existence: readonly CycleExistence[];
  readonly cycles: readonly ClassifiedCycle[];
  /** How many steps were taken. */
  readonly steps: number;
  /** The kind at which the search ran out of steps, if it did. */
  readonly timedOutAt?: string;
}

/** Searches a component with at most `steps` steps. */
export function findComponentCycles(component: Component, steps: number): ComponentCycles {
  const existence = findCycleExistence(component.graph);
  const redundant = excludedCycleKinds(existence);
  const budget: StepBudget = { remaining: steps };
  const cycles: ClassifiedCycle[] = [];
  const graphs = new Map<number, OrderedGraph>();
  let exhaustedAt: string | undefined;
  const lookFor = (kind: CycleKind): ClassifiedCycle | undefined => {
    if (exhaustedAt !== undefined) return findCycleInProductGraph(kind, component);
    try {
      return searchAllPaths(kind, component, graphs, budget);
    } catch (error) {
      if (!(error instanceof StepBudgetExhausted)) throw error;
      exhaustedAt = kind.name;
      return findCycleInProductGraph(kind, component);
    }
  };
  for (const kind of cycleKinds) {
    if (redundant.has(kind.name)) continue;
    const found = lookFor(kind);
    if (found === undefined) continue;
    cycles.push(found);
    for (const anomaly of impliedAnomalies([kind.name])) redundant.add(anomaly);
  }
  const taken = steps - Math.max(0, budget.remaining);
  return {
    existence,
    cycles,
    steps: taken,
    ...(exhaustedAt === undefined ? {} : { timedOutAt: exhaustedAt }),
  };
}

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
