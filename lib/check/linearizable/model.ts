/**
 * Models: the sequential specification of an object, as in Porcupine and Knossos. A model is a
 * record of pure functions; a state may be any immutable value.
 *
 * @module
 */

/** The input of a model's step: a function, and its result if known, else its argument. */
export interface Call {
  readonly f: string;
  readonly value: unknown;
}

/** The sequential specification of an object. */
export interface Model<State> {
  readonly name: string;
  /** Returns the initial state. */
  readonly init: () => State;
  /**
   * Returns the state after a call; undefined if the call's result is inconsistent with the state.
   */
  readonly step: (state: State, call: Call) => State | undefined;
  /** Returns a string that is equal for two states exactly if no call distinguishes them. */
  readonly hash: (state: State) => string;
  /**
   * Whether a call leaves every state unchanged. The search linearizes such calls as early as
   * possible and ignores indeterminate ones, which prunes it.
   */
  readonly isReadOnly: (call: Call) => boolean;
  /**
   * Returns whether a call overwrites the state: the state after it does not depend on the state
   * before. Optional: the search then skips orders of calls that overwrite each other unread. There
   * are exponentially many.
   */
  readonly overwrites?: (call: Call) => boolean;
  /**
   * The hash of the only state that accepts a call; undefined for a call that several states
   * accept. Optional, together with {@link stateAfter}: a call whose state no earlier call can reach
   * is then found without a search.
   */
  readonly stateBefore?: (call: Call) => string | undefined;
  /** The hash of the only state that a call can reach; undefined for a read-only call. */
  readonly stateAfter?: (call: Call) => string | undefined;
  /** Returns the state as data, for reports. */
  readonly describeState: (state: State) => Readonly<Record<string, unknown>>;
  /** Explains why `step` returns undefined for a call: a clause that ends a sentence. */
  readonly inconsistency: (state: State, call: Call) => string;
}
