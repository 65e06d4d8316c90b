/**
 * State machines as pure functions, without a consistency model. {@link Linearizable},
 * {@link Sequential} and {@link Eventual} decide on which state, new or old, a request runs.
 *
 * Invariant: states are immutable, and a request that changes nothing returns the identical state.
 * The consistency models use identity to distinguish reads from writes. Immutable states share
 * structure, so keeping old ones takes little memory.
 *
 * @module
 */

import type { Body } from "../wire/mod.ts";

/** The result of a request: the next state and the reply's body. */
export interface Transition<S> {
  readonly state: S;
  readonly reply: Body;
}

/** A deterministic state machine with states of type `S`. */
export interface StateMachine<S> {
  /** The state before the first request. */
  readonly initial: S;
  /** Executes a request. A request that fails returns the same state and an error body. */
  apply(state: S, request: Body): Transition<S>;
}

/** A state machine whose replicas can diverge and be merged. */
export interface MergeableStateMachine<S> extends StateMachine<S> {
  /** Returns the union of both states. If conflicting values have equal rank, `source` wins. */
  merge(source: S, target: S): S;
}
