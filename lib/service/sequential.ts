/**
 * Sequential consistency: all operations have one total order, and each client observes this order
 * monotonically. A client's reads may be arbitrarily stale.
 *
 * The service keeps the most recent states. A request first runs on a random one of them, at or
 * after the last state that its client observed. If it leaves that state unchanged, its reply stands.
 * Otherwise the request would rewrite the past, so it runs on the newest state and appends another.
 * Invariant: the index of the last state that a client observed never decreases.
 *
 * Maelstrom's ring of states wraps around when a client is more than 31 states behind, and can then
 * take the client back in time. Here, such a client continues at the oldest state in the ring.
 *
 * @module
 */

import { invariant, type Random } from "../base/mod.ts";
import type { Body, Message } from "../wire/mod.ts";
import type { Service } from "./service.ts";
import type { StateMachine } from "./state_machine.ts";

/** The size of the ring of states, as in Maelstrom. */
const MAX_STATES = 32;

/** A {@link Sequential} service's own state. */
export interface SequentialSnapshot<S> {
  /** The most recent states, oldest first. */
  readonly states: readonly S[];
  /** The index of the newest state in the total order, from 0. */
  readonly newestIndex: number;
  /** The index of the last state that each client observed; 0 for clients without an entry. */
  readonly lastObserved: ReadonlyMap<string, number>;
}

/** A service that may reply from old states, monotonically for each client, identified by `src`. */
export class Sequential<S> implements Service {
  readonly #machine: StateMachine<S>;
  readonly #random: Random;
  /** A ring buffer: the state with index `i` is at `i % MAX_STATES`. */
  readonly #states: S[];
  readonly #lastObserved = new Map<string, number>();
  #newestIndex = 0;

  /** Starts in the machine's initial state; `random` selects a state for each request. */
  constructor(machine: StateMachine<S>, random: Random) {
    this.#machine = machine;
    this.#random = random;
    this.#states = [machine.initial];
  }

  handle(request: Message): Body {
    const first = Math.max(this.#lastObserved.get(request.src) ?? 0, this.#oldest());
    const index = first + this.#random.integer(this.#newestIndex - first + 1);
    invariant(
      index >= (this.#lastObserved.get(request.src) ?? 0),
      "clients observe states in order",
    );
    const state = this.#at(index);
    const trial = this.#machine.apply(state, request.body);
    if (trial.state === state) {
      this.#lastObserved.set(request.src, index);
      return trial.reply;
    }
    const { state: next, reply } = this.#machine.apply(this.#at(this.#newestIndex), request.body);
    this.#newestIndex += 1;
    this.#states[this.#newestIndex % MAX_STATES] = next;
    this.#lastObserved.set(request.src, this.#newestIndex);
    return reply;
  }

  /** Returns a copy of the service's own state. */
  snapshot(): SequentialSnapshot<S> {
    const oldest = this.#oldest();
    return {
      states: this.#states.map((_state, offset) => this.#at(oldest + offset)),
      newestIndex: this.#newestIndex,
      lastObserved: new Map(this.#lastObserved),
    };
  }

  #oldest(): number {
    return Math.max(0, this.#newestIndex - MAX_STATES + 1);
  }

  #at(index: number): S {
    invariant(this.#oldest() <= index && index <= this.#newestIndex, "the ring contains the state");
    return this.#states[index % MAX_STATES] as S;
  }
}
