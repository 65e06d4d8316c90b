/**
 * A search for short cycles whose cost is bounded by the size of the component rather than by the
 * number of its paths: of all paths that reach a vertex in the same state, only the first (and so a
 * shortest) is followed. It may miss cycles that the full search finds, since the one path kept may
 * cross itself where another would not; what it finds is a cycle of the kind all the same.
 *
 * @module
 */

import { type ClassifiedCycle, classifyCycle, type Component } from "./component.ts";
import { type CycleKind, relationsOf } from "./cycle_kinds.ts";
import { CycleAutomaton } from "./cycle_automaton.ts";

const MAX_STEPS = 2_000_000;

/**
 * The shortest cycle that this search finds of a kind, explained as that kind; shorter than
 * `lengthLimit` edges if that is given.
 */
export function findCycleInProductGraph(
  kind: CycleKind,
  component: Component,
  lengthLimit = Infinity,
): ClassifiedCycle | undefined {
  const rule = new CycleAutomaton(kind);
  let best: ClassifiedCycle | undefined;
  let limit = lengthLimit;
  let steps = MAX_STEPS;
  for (let root = 0; root < component.graph.size && steps > 0 && limit > 2; root++) {
    const found = searchFrom(root, kind, rule, component, limit, (taken) => (steps -= taken) > 0);
    if (found === undefined) continue;
    best = found;
    limit = found.steps.length;
  }
  return best;
}

interface Path {
  readonly vertex: number;
  readonly state: number;
  readonly length: number;
  readonly before: Path | undefined;
}

function searchFrom(
  root: number,
  kind: CycleKind,
  rule: CycleAutomaton,
  component: Component,
  limit: number,
  mayGoOn: (taken: number) => boolean,
): ClassifiedCycle | undefined {
  const { start, to, relations } = component.graph;
  const allowed = relationsOf(kind);
  const visited = new Set<number>();
  const queue: Path[] = [{ vertex: root, state: rule.initial, length: 0, before: undefined }];
  for (const path of queue) {
    if (path.length + 1 >= limit) return undefined;
    const first = start[path.vertex] as number;
    const end = start[path.vertex + 1] as number;
    if (!mayGoOn(end - first)) return undefined;
    for (let edge = first; edge < end; edge++) {
      const kept = (relations[edge] as number) & allowed;
      if (kept === 0) continue;
      const vertex = to[edge] as number;
      for (const state of rule.nextStates(path.state, kept, path.before === undefined)) {
        const longer: Path = { vertex, state, length: path.length + 1, before: path };
        if (vertex === root) {
          const found = rule.accepts(state) ? toSimpleCycle(longer, component) : undefined;
          if (found?.anomaly === kind.name) return found;
          continue;
        }
        const place = vertex * 512 + state;
        if (visited.has(place)) continue;
        visited.add(place);
        queue.push(longer);
      }
    }
  }
  return undefined;
}

function toSimpleCycle(path: Path, component: Component): ClassifiedCycle | undefined {
  const vertices: number[] = [];
  for (let step: Path | undefined = path; step !== undefined; step = step.before) {
    vertices.push(step.vertex);
  }
  if (new Set(vertices).size !== vertices.length - 1) return undefined;
  return classifyCycle(vertices.reverse(), component);
}
