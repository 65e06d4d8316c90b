/**
 * A register with compare-and-set: Knossos' `cas-register`. Its initial value is nil, and a read
 * that returns nil is accepted in every state.
 *
 * @module
 */

import { canonicalJson, stringifyJson } from "../../base/mod.ts";
import type { Call, Model } from "./model.ts";

/**
 * The model: `write` v, `read` → v, `cas` [from, to]. A state is the register's JSON value. Throws
 * a TypeError for any other function and for a `cas` whose value is not a pair.
 */
export const casRegister: Model<unknown> = {
  name: "cas-register",
  init: () => null,
  step(state, call) {
    switch (call.f) {
      case "write":
        return call.value;
      case "read":
        return call.value === null || isSame(state, call.value) ? state : undefined;
      case "cas": {
        const [from, to] = casArguments(call);
        return isSame(state, from) ? to : undefined;
      }
      default:
        throw new TypeError(`a register's function must be read, write or cas, got ${call.f}`);
    }
  },
  hash: canonicalJson,
  isReadOnly: ({ f }) => f === "read",
  describeState: (state) => ({ value: state }),
  inconsistency(state, call) {
    const value = stringifyJson(state);
    if (call.f === "read") return `the register holds ${value}, not ${stringifyJson(call.value)}`;
    const expected = stringifyJson(casArguments(call)[0]);
    return `the register holds ${value}, but the compare-and-set expected ${expected}`;
  },
};

function casArguments({ value }: Call): readonly unknown[] {
  if (Array.isArray(value) && value.length === 2) return value;
  throw new TypeError(`the value of a cas must be a pair [from, to], got ${stringifyJson(value)}`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return canonicalJson(a) === canonicalJson(b);
}
