/**
 * Linearizability: every request runs on the newest state, one after the other.
 *
 * @module
 */

import type { Body, Message } from "../wire/mod.ts";
import type { Service } from "./service.ts";
import type { StateMachine } from "./state_machine.ts";

/** A service whose operations each take effect at one instant between request and reply. */
export class Linearizable<S> implements Service {
  readonly #machine: StateMachine<S>;
  #state: S;

  /** Starts in the machine's initial state. */
  constructor(machine: StateMachine<S>) {
    this.#machine = machine;
    this.#state = machine.initial;
  }

  handle(request: Message): Body {
    const { state, reply } = this.#machine.apply(this.#state, request.body);
    this.#state = state;
    return reply;
  }

  /** Returns the current state. */
  snapshot(): S {
    return this.#state;
  }
}
