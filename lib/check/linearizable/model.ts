/**
 * Models: the sequential specification of an object, as in Porcupine and Knossos. A model is a
 * record of pure functions; a state may be any immutable value.
 *
 * @module
 */

import { canonicalJson, type Json } from "../../base/mod.ts";
import { describeValue } from "../explanation.ts";

/** The input of a model's step: a function, and its result if known, else its argument. */
export interface Call {
  /** The function, such as `write`. */
  readonly f: string;
  /** The result of a completed operation; the argument of one whose result is unknown. */
  readonly value: unknown;
}

/**
 * The sequential specification of an object. `init`, `step` and `equal` are enough for any object, as
 * in Porcupine; each other member makes the search faster or its explanations better.
 */
export interface Model<State> {
  /** The object's name, for reports. */
  readonly name?: string;
  /** Returns the initial state. */
  readonly init: () => State;
  /**
   * Returns the state after a call; undefined if the call's result is inconsistent with the state.
   */
  readonly step: (state: State, call: Call) => State | undefined;
  /**
   * Whether two states are equal: whether no call distinguishes them. By default, states are JSON
   * values and equal if these are.
   */
  readonly equal?: (one: State, other: State) => boolean;
  /**
   * Returns a string that is the same for two states exactly if they are equal. Replaces `equal`, and
   * finds a known state without comparing all.
   */
  readonly hash?: (state: State) => string;
  /**
   * Whether a call leaves every state unchanged. The search linearizes such calls as early as
   * possible and ignores indeterminate ones, which prunes it. By default, no call is read-only.
   */
  readonly isReadOnly?: (call: Call) => boolean;
  /**
   * Returns whether a call overwrites the state: the state after it does not depend on the state
   * before. With it, the search skips orders of calls that overwrite each other unread. There are
   * exponentially many.
   */
  readonly overwrites?: (call: Call) => boolean;
  /**
   * The hash of the only state that accepts a call; undefined for a call that several states
   * accept. With it and {@link stateAfter}, which both need `hash`, a call whose state no earlier call
   * can reach is found without a search.
   */
  readonly stateBefore?: (call: Call) => string | undefined;
  /** The hash of the only state that a call can reach; undefined for a read-only call. */
  readonly stateAfter?: (call: Call) => string | undefined;
  /** Returns the state as data, for reports; by default, the state itself. */
  readonly describeState?: (state: State) => Readonly<Record<string, unknown>>;
  /** Explains why `step` returns undefined for a call: a clause that ends a sentence. */
  readonly inconsistency?: (state: State, call: Call) => string;
}

/** A model with all members that the search and the report need. */
export type CompleteModel<State> =
  & Model<State>
  & Required<
    Pick<Model<State>, "name" | "hash" | "isReadOnly" | "describeState" | "inconsistency">
  >;

/** Adds the defaults of a model's optional members. */
export function completeModel<State>(model: Model<State>): CompleteModel<State> {
  const describeState = model.describeState ?? ((state: State) => ({ state }));
  return {
    ...(model.hash === undefined ? withoutHash(model) : model),
    name: model.name ?? "model",
    hash: model.hash ?? (model.equal === undefined ? hashOfJson : numberStates(model.equal)),
    isReadOnly: model.isReadOnly ?? (() => false),
    describeState,
    inconsistency: model.inconsistency ?? ((state, { f }) => {
      const [found] = Object.values(describeState(state));
      return `${f} cannot have this result in the state ${describeValue(found)}`;
    }),
  };
}

/** The members that name states by their hash have no meaning in a model without one. */
function withoutHash<State>(model: Model<State>): Model<State> {
  const { stateBefore: _, stateAfter: __, ...others } = model;
  return others;
}

function hashOfJson(state: unknown): string {
  return canonicalJson(state as Json);
}

/** Returns a hash: the number of the first state that equals a state. */
function numberStates<State>(equal: (one: State, other: State) => boolean) {
  const states: State[] = [];
  return (state: State): string => {
    const known = states.findIndex((other) => equal(other, state));
    return String(known >= 0 ? known : states.push(state) - 1);
  };
}
