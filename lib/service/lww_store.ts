/**
 * A key-value store with last-write-wins conflict resolution: every value has a Lamport timestamp,
 * and a merge keeps the value with the higher timestamp.
 *
 * Invariant: a replica's clock exceeds the timestamps of all its values, so a new write supersedes
 * every value that the replica holds. Replicas that have not merged can assign the same timestamp to
 * different values. A merge then keeps the source's value, and the other write is lost.
 *
 * @module
 */

import { invariant, type Json } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import { decide, keyOf } from "./kv_request.ts";
import { PersistentMap } from "./persistent_map.ts";
import type { MergeableStateMachine, Transition } from "./state_machine.ts";

/** A value with the Lamport timestamp of its write. */
export interface Stamped {
  readonly timestamp: number;
  readonly value: Json;
}

/** The state of one replica. */
export interface LwwState {
  /** The Lamport clock: the timestamp of the replica's next write. */
  readonly clock: number;
  /** The values by the keys' texts ({@link keyOf}). */
  readonly values: PersistentMap<Stamped>;
}

/** The state machine of lww-kv. As in Maelstrom, a `cas` never creates a key. */
export const lwwStore: MergeableStateMachine<LwwState> = {
  initial: { clock: 0, values: PersistentMap.empty() },

  apply(state: LwwState, request: Body): Transition<LwwState> {
    const key = keyOf(request);
    const current = key === undefined ? undefined : state.values.get(key);
    const { reply, write } = decide(request, current?.value, false);
    if (key === undefined || write === undefined) return { state, reply };
    invariant((current?.timestamp ?? -1) < state.clock, "the clock exceeds all timestamps");
    const values = state.values.set(key, { timestamp: state.clock, value: write });
    return { state: { clock: state.clock + 1, values }, reply };
  },

  merge(source: LwwState, target: LwwState): LwwState {
    if (source === target) return source;
    return {
      clock: Math.max(source.clock, target.clock),
      values: source.values.merge(target.values, laterOrOwn),
    };
  },
};

function laterOrOwn(own: Stamped, other: Stamped): Stamped {
  return other.timestamp > own.timestamp ? other : own;
}
