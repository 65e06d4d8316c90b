/**
 * The strictest consistency: every request runs on the newest state, one after the other.
 *
 * @module
 */

import type { Body, Message } from "../wire/mod.ts";
import type { Service } from "./service.ts";
import type { Store } from "./store.ts";

/** A service whose operations take effect at one instant between request and reply. */
export class Linearizable<S> implements Service {
  readonly #store: Store<S>;
  #state: S;

  constructor(store: Store<S>) {
    this.#store = store;
    this.#state = store.initial;
  }

  handle(request: Message): Body {
    const { state, reply } = this.#store.apply(this.#state, request.body);
    this.#state = state;
    return reply;
  }

  /** The state now. */
  snapshot(): S {
    return this.#state;
  }
}
