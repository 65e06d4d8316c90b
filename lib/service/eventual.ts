/**
 * Eventual consistency: replicas that answer on their own and gossip now and then.
 *
 * Maelstrom means to do the same, but its `service.clj` (`Eventual`, at cb7f072) works out the merged
 * replicas and then goes on with the unmerged ones: there, a write stays on the one replica that it
 * reached, and half of all reads never see it. `merges: false` is that behaviour.
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
  readonly #merges: boolean;
  readonly #replicas: S[];

  /** `random` decides which replicas meet and which one answers. */
  constructor(
    store: MergeableStore<S>,
    random: Random,
    options: { readonly merges?: boolean } = {},
  ) {
    this.#store = store;
    this.#random = random;
    this.#merges = options.merges ?? true;
    this.#replicas = new Array(REPLICAS).fill(store.initial);
  }

  handle(request: Message): Body {
    const source = this.#random.integer(REPLICAS);
    const target = this.#random.integer(REPLICAS);
    const replica = this.#random.integer(REPLICAS);
    if (this.#merges) {
      this.#replicas[target] = this.#store.merge(this.#at(source), this.#at(target));
    }
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
