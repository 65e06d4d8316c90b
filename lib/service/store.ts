/**
 * What a service keeps and how a request changes it, as a pure function. How consistent the service
 * is with its clients is not a store's business: the wrappers in {@link Linearizable},
 * {@link Sequential} and {@link Eventual} decide on which state, old or new, a request runs.
 *
 * Invariant: a state never changes, and a request that does not change what is stored gives back the
 * very same state. Wrappers rely on that to tell reads from writes, and to keep many states cheaply.
 *
 * @module
 */

import type { Body } from "../wire/mod.ts";

/** The state after a request, and the body of the reply. */
export interface Outcome<S> {
  readonly state: S;
  readonly reply: Body;
}

/** A store whose states are of type `S`. */
export interface Store<S> {
  /** The state before the first request. */
  readonly initial: S;
  /** Runs a request. One that it cannot serve leaves the state and is answered by an error body. */
  apply(state: S, request: Body): Outcome<S>;
}

/** A store whose states can grow apart in several replicas and be brought together again. */
export interface MergeableStore<S> extends Store<S> {
  /** A state that knows what both know; where they contradict each other equally, `source` wins. */
  merge(source: S, target: S): S;
}
