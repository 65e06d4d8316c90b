/**
 * A kind of cycle as a nondeterministic finite automaton that reads the edges of a path. Its state
 * holds the relations and anti-dependencies that the path still requires, and whether the next edge
 * may be an anti-dependency.
 *
 * An edge with several relations can be read as each of them, so it can lead to several states. The
 * order of these states and the restrictions on the first edge are Elle's. They determine which
 * cycle a search finds first.
 *
 * @module
 */

import type { CycleKind } from "./cycle_kinds.ts";
import { allRelations, RW } from "./relations.ts";

// Modes: whether the next edge may be an anti-dependency that is not among the unrestricted edges.
const RW_FORBIDDEN = 0;
const RW_ALLOWED_ONCE = 1;
const RW_ALLOWED = 2;
/** The last edge was an anti-dependency, so the next one must not be. */
const RW_FORBIDDEN_NEXT = 3;

const MODE_SHIFT = 7;

/** States are dense: every state is less than this. */
export const STATE_COUNT = 4 << MODE_SHIFT;

/** Packs a state: required relations in 5 bits, required anti-dependencies in 2, the mode in 2. */
function pack(required: number, requiredRw: number, mode: number): number {
  return required | requiredRw << 5 | mode << MODE_SHIFT;
}

/** The automaton of one kind of cycle. */
export class CycleAutomaton {
  /** The state of a path without edges. */
  readonly initial: number;
  readonly #unrestricted: number;
  readonly #transitions: (number[] | undefined)[] = [];

  constructor(kind: CycleKind) {
    const mode = kind.antiDependencies === "single"
      ? RW_ALLOWED_ONCE
      : kind.antiDependencies === "nonadjacent"
      ? RW_ALLOWED
      : RW_FORBIDDEN;
    this.initial = pack(kind.required, kind.minAntiDependencies, mode);
    this.#unrestricted = kind.unrestricted;
  }

  /** Returns whether a closed path in this state is a cycle of the kind. */
  accepts(state: number): boolean {
    return (state & 0x7f) === 0 && state >> MODE_SHIFT !== RW_FORBIDDEN_NEXT;
  }

  /** Returns the states that an edge leads to; `isFirst` if it is the first edge of the path. */
  nextStates(state: number, relations: number, isFirst: boolean): readonly number[] {
    const transition = (state << 6) | relations << 1 | (isFirst ? 1 : 0);
    return this.#transitions[transition] ??= this.#computeNextStates(state, relations, isFirst);
  }

  #computeNextStates(state: number, relations: number, isFirst: boolean): number[] {
    const required = state & 0x1f;
    const requiredRw = (state >> 5) & 3;
    const mode = state >> MODE_SHIFT;
    const next: number[] = [];
    const rw = requiredRw > 0 || mode === RW_ALLOWED_ONCE || mode === RW_ALLOWED ? RW : 0;
    if ((relations & rw) !== 0) this.#read(state, RW, next);
    if (isFirst && requiredRw > 0) return next;
    const otherRequired = required & ~rw;
    for (const relation of allRelations) {
      if ((relations & otherRequired & relation) !== 0) this.#read(state, relation, next);
    }
    if (isFirst && required !== 0) return next;
    const rest = this.#unrestricted & ~rw & ~otherRequired & relations;
    // The remaining relations all lead to the same state, so one represents them all.
    const relation = allRelations.find((candidate) => (rest & candidate) !== 0);
    if (relation !== undefined) this.#read(state, relation, next);
    return next;
  }

  /** Appends the state after an edge that is read as `relation`, if the mode allows the edge. */
  #read(state: number, relation: number, next: number[]): void {
    const required = state & 0x1f & ~relation;
    const requiredRw = (state >> 5) & 3;
    const mode = state >> MODE_SHIFT;
    const remainingRw = relation === RW ? Math.max(0, requiredRw - 1) : requiredRw;
    if ((relation & this.#unrestricted) !== 0) {
      next.push(pack(required, remainingRw, mode === RW_FORBIDDEN_NEXT ? RW_ALLOWED : mode));
    } else if (mode === RW_ALLOWED_ONCE) {
      next.push(pack(required, 0, RW_FORBIDDEN));
    } else if (mode === RW_ALLOWED) {
      next.push(pack(required, remainingRw, RW_FORBIDDEN_NEXT));
    }
  }
}
