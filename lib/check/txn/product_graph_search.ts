/**
 * A breadth-first search for cycles in the product of a component and the automaton of a kind. It
 * visits each pair of vertex and state once, so its cost is polynomial, while the number of simple
 * paths that {@link findCycle} follows can be exponential.
 *
 * The search is sound but incomplete: every cycle found is of the kind, but some are missed. It
 * keeps only a shortest path to each pair, and this path may visit a vertex twice where another
 * does not.
 *
 * @module
 */

import { type ClassifiedCycle, classifyCycle, type Component } from "./component.ts";
import { type CycleKind, relationsOf } from "./cycle_kinds.ts";
import { CycleAutomaton, STATE_COUNT } from "./cycle_automaton.ts";

const MAX_STEPS = 2_000_000;

/**
 * Returns the shortest cycle of a kind that the search finds, or `undefined` if it finds none
 * within {@link MAX_STEPS} steps.
 */
export function findCycleInProductGraph(
  kind: CycleKind,
  component: Component,
): ClassifiedCycle | undefined {
  const automaton = new CycleAutomaton(kind);
  let shortest: ClassifiedCycle | undefined;
  let steps = MAX_STEPS;
  const takeSteps = (count: number) => (steps -= count) > 0;
  const length = () => shortest?.steps.length ?? Infinity;
  for (let root = 0; root < component.graph.size && steps > 0 && length() > 2; root++) {
    const found = searchFrom(root, kind, automaton, component, length(), takeSteps);
    if (found !== undefined) shortest = found;
  }
  return shortest;
}

/** A path in the product graph, as its last vertex and state and the path that it extends. */
interface Path {
  readonly vertex: number;
  readonly state: number;
  readonly length: number;
  readonly parent: Path | undefined;
}

/**
 * Finds a cycle through `root` with fewer than `knownLength` edges; `takeSteps` ends the search.
 */
function searchFrom(
  root: number,
  kind: CycleKind,
  automaton: CycleAutomaton,
  component: Component,
  knownLength: number,
  takeSteps: (count: number) => boolean,
): ClassifiedCycle | undefined {
  const { start, to, relations } = component.graph;
  const allowed = relationsOf(kind);
  const visited = new Set<number>();
  const queue: Path[] = [{ vertex: root, state: automaton.initial, length: 0, parent: undefined }];
  for (const path of queue) {
    if (path.length + 1 >= knownLength) return undefined;
    const first = start[path.vertex] as number;
    const end = start[path.vertex + 1] as number;
    if (!takeSteps(end - first)) return undefined;
    for (let edge = first; edge < end; edge++) {
      const kept = (relations[edge] as number) & allowed;
      if (kept === 0) continue;
      const vertex = to[edge] as number;
      for (const state of automaton.nextStates(path.state, kept, path.parent === undefined)) {
        const longer: Path = { vertex, state, length: path.length + 1, parent: path };
        if (vertex === root) {
          const cycle = automaton.accepts(state) ? toSimpleCycle(longer, component) : undefined;
          if (cycle?.anomaly === kind.name) return cycle;
          continue;
        }
        const pair = vertex * STATE_COUNT + state;
        if (visited.has(pair)) continue;
        visited.add(pair);
        queue.push(longer);
      }
    }
  }
  return undefined;
}

/** Returns a closed path as a classified cycle, or `undefined` if it visits a vertex twice. */
function toSimpleCycle(path: Path, component: Component): ClassifiedCycle | undefined {
  const vertices: number[] = [];
  for (let prefix: Path | undefined = path; prefix !== undefined; prefix = prefix.parent) {
    vertices.push(prefix.vertex);
  }
  if (new Set(vertices).size !== vertices.length - 1) return undefined;
  return classifyCycle(vertices.reverse(), component);
}
