/**
 * Sequential consistency: all operations have one order and each client goes through it forwards
 * only, but a client may be anywhere in the past.
 *
 * The newest states are kept. A request picks one of them at random, none older than its client
 * has seen. If that leaves the state as it is, it is answered there; if not, answering there would
 * change the past, so it runs on the newest state and makes a new one. Invariant: the place in the
 * order that a client has seen never goes down.
 *
 * Maelstrom wraps around in its ring of states when a client is more than 31 states behind, and may
 * then take it back in time; here such a client starts from the oldest state that is kept.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { Body, Message } from "../wire/mod.ts";
import type { Service } from "./service.ts";
import type { Store } from "./store.ts";

/** How many states Maelstrom keeps. */
const STATES_KEPT = 32;

/** What a {@link Sequential} service keeps. */
export interface History<S> {
  /** The states that are kept, oldest first. */
  readonly states: readonly S[];
  /** The index of the newest state in the order of all states ever, from 0. */
  readonly newest: number;
  /** The index of the newest state that each client has met; 0 for clients not in it. */
  readonly seen: ReadonlyMap<string, number>;
}

/** A service that may answer from old states, forwards only for each client (told by `src`). */
export class Sequential<S> implements Service {
  readonly #store: Store<S>;
  readonly #random: Random;
  /** A ring: state `index` is at `index % STATES_KEPT`. */
  readonly #states: S[];
  readonly #seen = new Map<string, number>();
  #newest = 0;

  /** `random` decides how old a state each request meets. */
  constructor(store: Store<S>, random: Random) {
    this.#store = store;
    this.#random = random;
    this.#states = [store.initial];
  }

  handle(request: Message): Body {
    const from = Math.max(this.#seen.get(request.src) ?? 0, this.#oldest());
    const index = from + this.#random.integer(this.#newest - from + 1);
    const state = this.#at(index);
    const there = this.#store.apply(state, request.body);
    if (there.state === state) {
      this.#seen.set(request.src, index);
      return there.reply;
    }
    const { state: next, reply } = this.#store.apply(this.#at(this.#newest), request.body);
    this.#newest += 1;
    this.#states[this.#newest % STATES_KEPT] = next;
    this.#seen.set(request.src, this.#newest);
    return reply;
  }

  /** A copy of what it keeps. */
  snapshot(): History<S> {
    const oldest = this.#oldest();
    return {
      states: this.#states.map((_state, offset) => this.#at(oldest + offset)),
      newest: this.#newest,
      seen: new Map(this.#seen),
    };
  }

  #oldest(): number {
    return Math.max(0, this.#newest - STATES_KEPT + 1);
  }

  #at(index: number): S {
    return this.#states[index % STATES_KEPT] as S;
  }
}
