/**
 * A timestamp oracle: a counter that every request increments.
 *
 * @module
 */

import type { Body } from "../wire/mod.ts";
import { unsupported } from "./kv_request.ts";
import type { StateMachine, Transition } from "./state_machine.ts";

/** The state machine of lin-tso. Its state is the next timestamp, starting from 0. */
export const timestampOracle: StateMachine<number> = {
  initial: 0,

  apply(next: number, request: Body): Transition<number> {
    if (request.type !== "ts") return { state: next, reply: unsupported(request, "ts").reply };
    return { state: next + 1, reply: { type: "ts_ok", ts: next } };
  },
};
