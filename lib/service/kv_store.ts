/**
 * A key-value store: keys and values are any JSON value.
 *
 * @module
 */

import { type Json, jsonEquals } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import { decide, keyOf } from "./kv_request.ts";
import { PersistentMap } from "./persistent_map.ts";
import type { Outcome, Store } from "./store.ts";

/** The values by the keys' texts (see {@link keyOf}). */
export type KvState = PersistentMap<Json>;

/** The store behind lin-kv and seq-kv. Writing the value that is there changes nothing. */
export const kvStore: Store<KvState> = {
  initial: PersistentMap.empty(),

  apply(state: KvState, request: Body): Outcome<KvState> {
    const key = keyOf(request);
    const current = key === undefined ? undefined : state.get(key);
    const { reply, write } = decide(request, current, true);
    if (key === undefined || write === undefined) return { state, reply };
    const unchanged = current !== undefined && jsonEquals(current, write);
    return { state: unchanged ? state : state.set(key, write), reply };
  },
};
