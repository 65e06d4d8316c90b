/**
 * Eventual consistency: replicas that answer on their own and gossip now and then.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { Body, Message } from "../wire/mod.ts";
import type { Service } from "./service.ts";
import type { MergeableStore } from "./store.ts";

/** How many replicas Maelstrom has. */
const REPLICAS = 2;

/**
 * A service of two replicas. Each request first merges one random replica into another (which may
 * be the same), then runs on a random one: writes are seen late, and may be lost to other writes.
 */
export class Eventual<S> implements Service {
  readonly #store: MergeableStore<S>;
  readonly #random: Random;
  readonly #replicas: S[];

  /** `random` decides which replicas meet and which one answers. */
  constructor(store: MergeableStore<S>, random: Random) {
    this.#store = store;
    this.#random = random;
    this.#replicas = new Array(REPLICAS).fill(store.initial);
  }

  handle(request: Message): Body {
    const source = this.#random.integer(REPLICAS);
    const target = this.#random.integer(REPLICAS);
    const replica = this.#random.integer(REPLICAS);
    this.#replicas[target] = this.#store.merge(this.#at(source), this.#at(target));
    const { state, reply } = this.#store.apply(this.#at(replica), request.body);
    this.#replicas[replica] = state;
    return reply;
  }

  /** The replicas' states. */
  snapshot(): readonly S[] {
    return [...this.#replicas];
  }

  #at(replica: number): S {
    return this.#replicas[replica] as S;
  }
}
