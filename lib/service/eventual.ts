/**
 * Eventual consistency: replicas that reply from their own state and exchange states by gossip.
 *
 * Maelstrom's documentation describes the same service. Its code (`Eventual` in `service.clj`, at
 * cb7f072) computes the merged replicas and then continues with the unmerged ones. There, a write
 * stays on the replica that received it, and half of all reads never return it. The option
 * `merges: false` reproduces this behaviour.
 *
 * @module
 */

import { invariant, type Random } from "../base/mod.ts";
import type { Body, Message } from "../wire/mod.ts";
import type { Service } from "./service.ts";
import type { MergeableStateMachine } from "./state_machine.ts";

/** As in Maelstrom. */
const REPLICA_COUNT = 2;

/**
 * A service of two replicas. Each request first merges a random replica into a random replica, which
 * may be the same one, and then runs on a random replica. Reads can be stale, and of two concurrent
 * writes one can be lost.
 */
export class Eventual<S> implements Service {
  readonly #machine: MergeableStateMachine<S>;
  readonly #random: Random;
  readonly #merges: boolean;
  readonly #replicas: S[];

  /** Starts all replicas in the initial state; `random` selects the replicas for each request. */
  constructor(
    machine: MergeableStateMachine<S>,
    random: Random,
    options: { readonly merges?: boolean } = {},
  ) {
    this.#machine = machine;
    this.#random = random;
    this.#merges = options.merges ?? true;
    this.#replicas = new Array(REPLICA_COUNT).fill(machine.initial);
  }

  handle(request: Message): Body {
    const source = this.#random.integer(REPLICA_COUNT);
    const target = this.#random.integer(REPLICA_COUNT);
    const replica = this.#random.integer(REPLICA_COUNT);
    if (this.#merges) {
      this.#replicas[target] = this.#machine.merge(this.#at(source), this.#at(target));
    }
    const { state, reply } = this.#machine.apply(this.#at(replica), request.body);
    this.#replicas[replica] = state;
    return reply;
  }

  /** Returns the replicas' states. */
  snapshot(): readonly S[] {
    return [...this.#replicas];
  }

  #at(replica: number): S {
    invariant(replica < this.#replicas.length, "the random source stays below its bound");
    return this.#replicas[replica] as S;
  }
}
