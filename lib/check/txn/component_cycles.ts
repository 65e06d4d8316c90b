/**
 * The anomalies of one strongly connected component: for each kind of cycle, from the worst to the
 * mildest, one cycle at most; kinds that are implied by one already found are not looked for.
 *
 * @module
 */

import { impliedAnomalies } from "./anomalies.ts";
import { absentCycleKinds, type CycleExistence, existingCycles } from "./cycle_existence.ts";
import { type Component, explained, type FoundCycle } from "./component.ts";
import { type CycleKind, cycleKinds, relationsOf } from "./cycle_kinds.ts";
import { BudgetExhausted, findCycle, type StepBudget } from "./cycle_search.ts";
import { OrderedGraph } from "./ordered_graph.ts";
import { briefSearch } from "./brief_search.ts";

/** What a component holds. */
export interface ComponentCycles {
  readonly existence: readonly CycleExistence[];
  readonly cycles: readonly FoundCycle[];
  /** How many steps were taken. */
  readonly steps: number;
  /** The kind at which the search ran out of steps, if it did. */
  readonly exhaustedAt?: string;
}

/** Searches a component with at most `steps` steps. */
export function cyclesOf(component: Component, steps: number): ComponentCycles {
  const existence = existingCycles(component.graph);
  const redundant = absentCycleKinds(existence);
  const budget: StepBudget = { left: steps };
  const cycles: FoundCycle[] = [];
  const graphs = new Map<number, OrderedGraph>();
  let exhaustedAt: string | undefined;
  const lookFor = (kind: CycleKind): FoundCycle | undefined => {
    if (exhaustedAt !== undefined) return briefSearch(kind, component);
    try {
      return searchFor(kind, component, graphs, budget);
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error;
      exhaustedAt = kind.name;
      return briefSearch(kind, component);
    }
  };
  for (const kind of cycleKinds) {
    if (redundant.has(kind.name)) continue;
    const found = lookFor(kind);
    if (found === undefined) continue;
    cycles.push(found);
    for (const anomaly of impliedAnomalies([kind.name])) redundant.add(anomaly);
  }
  const taken = steps - Math.max(0, budget.left);
  return { existence, cycles, steps: taken, ...(exhaustedAt === undefined ? {} : { exhaustedAt }) };
}

function searchFor(
  kind: CycleKind,
  component: Component,
  graphs: Map<number, OrderedGraph>,
  budget: StepBudget,
): FoundCycle | undefined {
  const relations = relationsOf(kind);
  let graph = graphs.get(relations);
  if (graph === undefined) {
    graph = new OrderedGraph(component.graph, component.hashes, relations);
    graphs.set(relations, graph);
  }
  const vertices = findCycle(graph, kind, budget);
  if (vertices === undefined) return undefined;
  const cycle = explained(vertices, component);
  return kind.exact && cycle.anomaly !== kind.name ? undefined : cycle;
}
