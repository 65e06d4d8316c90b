/**
 * What a linearizability checker has to know of an object: how it behaves when operations come one
 * at a time. A model is a record of pure functions; any immutable value may be a state.
 *
 * @module
 */

/**
 * An operation as a model sees it: its function and its argument or, once it is known, its result.
 */
export interface Call {
  readonly f: string;
  readonly value: unknown;
}

/** The sequential behaviour of an object. */
export interface Model<State> {
  readonly name: string;
  /** The state that every history begins in. */
  readonly init: () => State;
  /** The state after a call; undefined when the call cannot have had this result in this state. */
  readonly step: (state: State, call: Call) => State | undefined;
  /** A text that is the same for two states exactly if no call can tell them apart. */
  readonly hash: (state: State) => string;
  /**
   * Whether a call leaves every state as it is. Such calls need no guessing: they take effect as
   * soon as they can, and one of unknown outcome is left out.
   */
  readonly isReadOnly: (call: Call) => boolean;
  /** The state as data, for reports. */
  readonly describeState: (state: State) => Readonly<Record<string, unknown>>;
  /** Why `step` refuses a call, in a sentence's end. */
  readonly inconsistency: (state: State, call: Call) => string;
}
