/**
 * A register with compare-and-set, as Knossos' `cas-register` has it: it holds nil at first, and a
 * read of nil is always accepted, whatever the register holds.
 *
 * @module
 */

import { canonicalJson, stringifyJson } from "../../base/mod.ts";
import type { Call, Model } from "./model.ts";

/**
 * `write` v, `read` → v, `cas` [from, to]. The state is the JSON value it holds. Throws a TypeError
 * for any other function and for a `cas` that is no pair.
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
        throw new TypeError(`a register has no function ${call.f}`);
    }
  },
  hash: canonicalJson,
  isReadOnly: ({ f }) => f === "read",
  describeState: (state) => ({ value: state }),
  inconsistency(state, call) {
    const held = stringifyJson(state);
    if (call.f === "read") return `the register holds ${held}, not ${stringifyJson(call.value)}`;
    return `the register holds ${held}, not ${stringifyJson(casArguments(call)[0])}, ` +
      "which the compare-and-set asks for";
  },
};

function casArguments({ value }: Call): readonly unknown[] {
  if (Array.isArray(value) && value.length === 2) return value;
  throw new TypeError(`a compare-and-set takes a pair, not ${stringifyJson(value)}`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return canonicalJson(a) === canonicalJson(b);
}
