import { assert, assertEquals } from "std/testing";
import fc from "fast-check";
import { CycleAutomaton, STATE_COUNT } from "../../../lib/check/txn/cycle_automaton.ts";
import { type CycleKind, cycleKinds } from "../../../lib/check/txn/cycle_kinds.ts";
import { allRelations, PROCESS, REALTIME, RW, WR, WW } from "../../../lib/check/txn/relations.ts";

const ALL_SETS = 32;

/** Whether edges of these relations, in a circle, are a cycle of a kind. */
const definitions: Readonly<Record<string, (edges: readonly number[]) => boolean>> = {
  "G0": (edges) => edges.every((edge) => edge === WW),
  "G1c": (edges) => edges.includes(WR) && !edges.includes(RW),
  "G-single-item": (edges) => edges.filter((edge) => edge === RW).length === 1,
  "G-nonadjacent-item": (edges) =>
    edges.filter((edge) => edge === RW).length >= 2 &&
    !edges.some((edge, at) => edge === RW && edges.at(at - 1) === RW),
  "G2-item": (edges) => edges.filter((edge) => edge === RW).length >= 2,
};

function isCycleOf({ name }: CycleKind, edges: readonly number[]): boolean {
  const [, kind, time] = /^(.*?)(?:-(process|realtime))?$/.exec(name) as string[];
  const timeRelation = time === undefined ? 0 : time === "process" ? PROCESS : REALTIME;
  const others = edges.filter((edge) => edge >= PROCESS);
  if (others.some((edge) => edge !== timeRelation)) return false;
  if (timeRelation !== 0 && others.length === 0) return false;
  // A time edge is as good as a write dependency.
  const data = edges.map((edge) => edge >= PROCESS ? WW : edge);
  return definitions[kind as string]?.(data) === true;
}

/** Whether the automaton accepts the edges, which it reads from any of them on. */
function accepts(kind: CycleKind, edges: readonly number[]): boolean {
  const automaton = new CycleAutomaton(kind);
  return edges.some((_, first) => {
    let states = [automaton.initial];
    for (const [at, edge] of [...edges.slice(first), ...edges.slice(0, first)].entries()) {
      states = states.flatMap((state) => automaton.nextStates(state, edge, at === 0));
    }
    return states.some((state) => automaton.accepts(state));
  });
}

/** Returns all ways to read each edge as one of its relations. */
function readings([edge, ...rest]: readonly number[]): number[][] {
  if (edge === undefined) return [[]];
  const relations = allRelations.filter((relation) => (edge & relation) !== 0);
  return readings(rest).flatMap((others) => relations.map((relation) => [relation, ...others]));
}

for (const kind of cycleKinds) {
  Deno.test(`the automaton of ${kind.name} accepts exactly the cycles of this kind`, () => {
    const edge = fc.oneof(fc.constantFrom(...allRelations), fc.integer({ min: 1, max: 31 }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(edge, { minLength: 1, maxLength: 5 }), (edges) => {
        const expected = readings(edges).some((reading) => isCycleOf(kind, reading));
        if (expected) accepted++;
        assertEquals(accepts(kind, edges), expected);
      }),
      { seed: 19990401, numRuns: 400 },
    );
    assert(accepted > 10, `${accepted} cycles`);
  });

  Deno.test(`the next states of ${kind.name} do not depend on earlier calls`, () => {
    const shared = new CycleAutomaton(kind);
    const states = new Set([shared.initial]);
    for (const state of states) {
      assert(state >= 0 && state < STATE_COUNT);
      for (let relations = 0; relations < ALL_SETS; relations++) {
        for (const isFirst of [false, true]) {
          const next = new CycleAutomaton(kind).nextStates(state, relations, isFirst);
          assertEquals(shared.nextStates(state, relations, isFirst), next);
          for (const other of next) states.add(other);
        }
      }
    }
  });
}
