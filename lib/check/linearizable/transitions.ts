/**
 * A model's behaviour as a table that fills as it is asked: states and kinds of calls are small
 * numbers, so that the search compares and stores numbers only.
 *
 * @module
 */

import type { Call, Model } from "./model.ts";

/** What `next` answers for a call that a state does not allow. */
export const INCONSISTENT = -1;

/** The states reached so far, and what each kind of call makes of them. State 0 is the first. */
export class Transitions<State> {
  readonly #model: Model<State>;
  readonly #calls: readonly Call[];
  readonly #numbers = new Map<string, number>();
  readonly #states: State[] = [];
  /** For each state: the state after each kind of call that was tried. */
  readonly #rows: Map<number, number>[] = [];

  /** `calls` gives the call that each kind stands for. */
  constructor(model: Model<State>, calls: readonly Call[]) {
    this.#model = model;
    this.#calls = calls;
    this.#number(model.init());
  }

  /** The state after a call of a kind, or {@link INCONSISTENT}. */
  next(state: number, kind: number): number {
    const row = this.#rows[state] as Map<number, number>;
    const known = row.get(kind);
    if (known !== undefined) return known;
    const after = this.#model.step(this.#states[state] as State, this.#calls[kind] as Call);
    const number = after === undefined ? INCONSISTENT : this.#number(after);
    row.set(kind, number);
    return number;
  }

  /** The state that a number stands for. */
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
