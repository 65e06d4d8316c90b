/**
 * A timestamp oracle: a counter that every request reads and advances.
 *
 * @module
 */

import type { Body } from "../wire/mod.ts";
import { unsupported } from "./kv_request.ts";
import type { Outcome, Store } from "./store.ts";

/** The store behind lin-tso; its state is the next timestamp, from 0. */
export const tsoStore: Store<number> = {
  initial: 0,

  apply(next: number, request: Body): Outcome<number> {
    if (request.type !== "ts") return { state: next, reply: unsupported(request, "ts").reply };
    return { state: next + 1, reply: { type: "ts_ok", ts: next } };
  },
};
