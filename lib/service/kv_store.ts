/**
 * A key-value store whose keys and values are JSON values.
 *
 * @module
 */

import { type Json, jsonEquals } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import { decide, keyOf } from "./kv_request.ts";
import { PersistentMap } from "./persistent_map.ts";
import type { StateMachine, Transition } from "./state_machine.ts";

/** The store's values by the keys' texts ({@link keyOf}). */
export type KvState = PersistentMap<Json>;

/** The state machine of lin-kv and seq-kv. A write of the current value leaves the state unchanged. */
export const kvStore: StateMachine<KvState> = {
  initial: PersistentMap.empty(),

  apply(state: KvState, request: Body): Transition<KvState> {
    const key = keyOf(request);
    const current = key === undefined ? undefined : state.get(key);
    const { reply, write } = decide(request, current, true);
    if (key === undefined || write === undefined) return { state, reply };
    const isUnchanged = current !== undefined && jsonEquals(current, write);
    return { state: isUnchanged ? state : state.set(key, write), reply };
  },
};
