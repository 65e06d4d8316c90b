/**
 * Whether a component holds any cycle that would rule a consistency model out, without finding one:
 * components of a part of the graph can be had in linear time. This tells the search for cycles what
 * not to look for, and rules a model out even where the search gives up.
 *
 * @module
 */

import {
  anomaliesProhibitedBy,
  friendlyName,
  modelsAtLeastAsStrongAs,
} from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";
import type { DependencyGraph } from "./dependency_graph.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "./relations.ts";
import { stronglyConnectedComponents } from "./strongly_connected_components.ts";

/** Which part of the dependency graph has to be free of cycles for a model to hold. */
interface AcyclicSubgraph {
  readonly model: string;
  readonly relations: number;
  /** Whether an anti-dependency may follow each edge, though never another anti-dependency. */
  readonly extendedByRw?: true;
}

const acyclicSubgraphs: readonly AcyclicSubgraph[] = [
  { model: "PL-1", relations: WW },
  { model: "PL-2", relations: WW | WR },
  { model: "PL-SI", relations: WW | WR, extendedByRw: true },
  { model: "PL-2.99", relations: WW | WR | RW },
  { model: "PL-3", relations: WW | WR | RW },
  { model: "strong-session-PL-1", relations: WW | PROCESS },
  { model: "strong-session-PL-2", relations: WW | WR | PROCESS },
  {
    model: "strong-session-snapshot-isolation",
    relations: WW | WR | PROCESS,
    extendedByRw: true,
  },
  { model: "strong-session-serializable", relations: WW | WR | RW | PROCESS },
  { model: "strong-PL-1", relations: WW | REALTIME },
  { model: "strong-PL-2", relations: WW | WR | REALTIME },
  { model: "strong-snapshot-isolation", relations: WW | WR | REALTIME, extendedByRw: true },
  { model: "PL-SS", relations: WW | WR | RW | REALTIME },
];

/** That some cycle exists which a model forbids. */
export interface CycleExistence {
  /** The anomaly, `<model>-cycle-exists`. */
  readonly anomaly: string;
  /** The model that is ruled out, by its canonical name. */
  readonly model: string;
  /** The smallest set of vertices that certainly holds a cycle. */
  readonly component: readonly number[];
}

/** The weakest models for which a component holds a forbidden cycle. */
export function findCycleExistence(graph: DependencyGraph): CycleExistence[] {
  const found: CycleExistence[] = [];
  const impossible = new Set<string>();
  for (const part of acyclicSubgraphs) {
    if (impossible.has(part.model)) continue;
    const component = smallestComponent(graph, part);
    if (component === undefined) continue;
    found.push({ anomaly: `${part.model}-cycle-exists`, model: part.model, component });
    for (const model of modelsAtLeastAsStrongAs([part.model])) impossible.add(model);
  }
  return found;
}

/** The kinds of cycles that cannot be there, seeing which ones exist. */
export function excludedCycleKinds(found: readonly CycleExistence[]): Set<string> {
  const impossible = modelsAtLeastAsStrongAs(found.map(({ model }) => model));
  const forbidden = anomaliesProhibitedBy(
    acyclicSubgraphs.map(({ model }) => model).filter((model) => !impossible.has(model)),
  );
  return new Set(cycleKinds.map(({ name }) => name).filter((name) => forbidden.has(name)));
}

/** The existence anomalies that say nothing new where these models are ruled out already. */
export function redundantExistenceAnomalies(ruledOut: ReadonlySet<string>): string[] {
  return acyclicSubgraphs.filter(({ model }) => ruledOut.has(model))
    .map(({ model }) => `${model}-cycle-exists`);
}

/** How an existence anomaly is put for people. */
export function describeExistence(existence: CycleExistence): string {
  return `a cycle that ${friendlyName(existence.model)} forbids exists ` +
    `among ${existence.component.length} transactions`;
}

function smallestComponent(graph: DependencyGraph, part: AcyclicSubgraph): number[] | undefined {
  const components = part.extendedByRw === true
    ? stronglyConnectedComponents(extendByRw(graph, part.relations), ~0, true)
      .map((component) => [...component].filter((vertex) => vertex < graph.size))
    : stronglyConnectedComponents(graph, part.relations, true).map((component) => [...component]);
  let smallest = components[0];
  for (const component of components) {
    if (component.length < (smallest as number[]).length) smallest = component;
  }
  return smallest;
}

/**
 * A graph that allows single anti-dependencies: each vertex v has a double v + size, which is where
 * one is when the next step may be an anti-dependency. So two of them never follow each other, and
 * every cycle passes through an original vertex.
 */
function extendByRw(graph: DependencyGraph, ordinary: number): DependencyGraph {
  const { size } = graph;
  const start = new Int32Array(size * 2 + 1);
  const to: number[] = [];
  for (let vertex = 0; vertex < size * 2; vertex++) {
    const original = vertex % size;
    const end = graph.start[original + 1] as number;
    for (let edge = graph.start[original] as number; edge < end; edge++) {
      const relations = graph.relations[edge] as number;
      const target = graph.to[edge] as number;
      if (vertex >= size) {
        if ((relations & RW) !== 0) to.push(target);
      } else if ((relations & ordinary) !== 0) to.push(target, target + size);
    }
    start[vertex + 1] = to.length;
  }
  return {
    size: size * 2,
    start,
    to: Int32Array.from(to),
    relations: new Uint8Array(to.length).fill(1),
  };
}
