/**
 * A kind of cycle as a small state machine that reads the edges of a path one by one: what it still
 * wants to see, and whether it may take an anti-dependency now.
 *
 * An edge with several relations can be read in several ways, each of which gives a path of its own.
 * The order of the ways and the shortcuts at the first step are Elle's; they decide which cycle is
 * met first.
 *
 * @module
 */

import type { CycleKind } from "./cycle_kinds.ts";
import { allRelations as singleRelations, RW } from "./relations.ts";

const NONE = 0;
const SINGLE = 1;
const NONADJACENT_FREE = 2;
const NONADJACENT_TAKEN = 3;

/** A state as one number: relations wanted, anti-dependencies wanted, and their mode. */
function pack(wanted: number, wantedAnti: number, mode: number): number {
  return wanted | wantedAnti << 5 | mode << 7;
}

/** The state machine of one kind of cycle. */
export class CycleAutomaton {
  /** The state of a path without edges. */
  readonly initial: number;
  readonly #unrestricted: number;
  readonly #transitions: (number[] | undefined)[] = [];

  constructor(kind: CycleKind) {
    const mode = kind.antiDependencies === "one"
      ? SINGLE
      : kind.antiDependencies === "nonadjacent"
      ? NONADJACENT_FREE
      : NONE;
    this.initial = pack(kind.required, kind.minAntiDependencies, mode);
    this.#unrestricted = kind.unrestricted;
  }

  /** Whether a path in this state, once closed, is a cycle of the kind. */
  accepts(state: number): boolean {
    return (state & 0x7f) === 0 && state >> 7 !== NONADJACENT_TAKEN;
  }

  /** The states after an edge with these relations; `first` where it is the path's first edge. */
  nextStates(state: number, relations: number, first: boolean): readonly number[] {
    const place = (state << 6) | relations << 1 | (first ? 1 : 0);
    return this.#transitions[place] ??= this.#computeNextStates(state, relations, first);
  }

  #computeNextStates(state: number, relations: number, first: boolean): number[] {
    const wanted = state & 0x1f;
    const wantedAnti = (state >> 5) & 3;
    const mode = state >> 7;
    const next: number[] = [];
    const anti = wantedAnti > 0 || mode === SINGLE || mode === NONADJACENT_FREE ? RW : 0;
    if ((relations & anti) !== 0) this.#take(state, RW, next);
    if (first && wantedAnti > 0) return next;
    const soughtAfter = wanted & ~anti;
    for (const relation of singleRelations) {
      if ((relations & soughtAfter & relation) !== 0) this.#take(state, relation, next);
    }
    if (first && wanted !== 0) return next;
    const plain = this.#unrestricted & ~anti & ~soughtAfter & relations;
    // Ordinary edges all lead to the same state: one stands for them all.
    const relation = singleRelations.find((single) => (plain & single) !== 0);
    if (relation !== undefined) this.#take(state, relation, next);
    return next;
  }

  #take(state: number, relation: number, next: number[]): void {
    const wanted = state & 0x1f & ~relation;
    const wantedAnti = (state >> 5) & 3;
    const mode = state >> 7;
    const lessAnti = relation === RW ? Math.max(0, wantedAnti - 1) : wantedAnti;
    if ((relation & this.#unrestricted) !== 0) {
      next.push(pack(wanted, lessAnti, mode === NONADJACENT_TAKEN ? NONADJACENT_FREE : mode));
    } else if (mode === SINGLE) {
      next.push(pack(wanted, 0, NONE));
    } else if (mode === NONADJACENT_FREE) {
      next.push(pack(wanted, lessAnti, NONADJACENT_TAKEN));
    }
  }
}
