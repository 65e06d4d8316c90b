/**
 * A memoized transition table of a model. States and kinds of calls are interned as small numbers,
 * so that the search compares and stores only numbers. (Knossos memoizes models in the same way.)
 *
 * @module
 */

import type { Call, CompleteModel } from "./model.ts";

/** The result of `next` for a call that is inconsistent with the state. */
export const INCONSISTENT = -1;

/** The states reached so far and the transitions between them. State 0 is the initial state. */
export class Transitions<State> {
  readonly #model: CompleteModel<State>;
  readonly #calls: readonly Call[];
  readonly #numbers = new Map<string, number>();
  readonly #states: State[] = [];
  /** For each state: the next state by kind of call, where computed. */
  readonly #rows: Map<number, number>[] = [];

  /** `calls` holds the call of each kind. */
  constructor(model: CompleteModel<State>, calls: readonly Call[]) {
    this.#model = model;
    this.#calls = calls;
    this.#number(model.init());
  }

  /** Returns the state after a call of a kind, or {@link INCONSISTENT}. */
  next(state: number, kind: number): number {
    const row = this.#rows[state] as Map<number, number>;
    const known = row.get(kind);
    if (known !== undefined) return known;
    const after = this.#model.step(this.#states[state] as State, this.#calls[kind] as Call);
    const number = after === undefined ? INCONSISTENT : this.#number(after);
    row.set(kind, number);
    return number;
  }

  /** Returns the model's state with a number. */
  state(number: number): State {
    return this.#states[number] as State;
  }

  #number(state: State): number {
    const hash = this.#model.hash(state);
    let number = this.#numbers.get(hash);
    if (number === undefined) {
      number = this.#states.length;
      this.#numbers.set(hash, number);
      this.#states.push(state);
      this.#rows.push(new Map());
    }
    return number;
  }
}
