/**
 * A key-value store in which the last write wins: every value carries a Lamport timestamp, and when
 * two replicas meet, the higher one stays.
 *
 * Invariant: a replica's clock is above every timestamp it holds, so its own writes always win over
 * what it has seen. Two replicas that have not met give the same timestamps to different values,
 * and then it is chance that decides: one of the writes is lost.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import { decide, keyOf } from "./kv_request.ts";
import { PersistentMap } from "./persistent_map.ts";
import type { MergeableStore, Outcome } from "./store.ts";

/** A value and when it was written. */
export interface Stamped {
  readonly timestamp: number;
  readonly value: Json;
}

/** One replica. */
export interface LwwState {
  /** The timestamp that the next write gets. */
  readonly clock: number;
  /** The values by the keys' texts (see {@link keyOf}). */
  readonly values: PersistentMap<Stamped>;
}

/** The store behind lww-kv. A `cas` never creates a key here, whatever it asks for. */
export const lwwStore: MergeableStore<LwwState> = {
  initial: { clock: 0, values: PersistentMap.empty() },

  apply(state: LwwState, request: Body): Outcome<LwwState> {
    const key = keyOf(request);
    const current = key === undefined ? undefined : state.values.get(key);
    const { reply, write } = decide(request, current?.value, false);
    if (key === undefined || write === undefined) return { state, reply };
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
