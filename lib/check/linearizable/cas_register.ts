/**
 * Registers with compare-and-set. The initial value is nil.
 *
 * Maelstrom's client returns nil for a missing key, and Knossos' `cas-register` accepts a read that
 * returns nil in every state. So for Maelstrom a key may vanish after an acknowledged write.
 *
 * @module
 */

import { canonicalJson, stringifyJson } from "../../base/mod.ts";
import type { Call, CompleteModel } from "./model.ts";

/** The function of a compare-and-set that failed because the register held another value. */
export const FAILED_CAS = "failed-cas";

/**
 * A register: `write` v, `read` → v, `cas` [from, to], and `failed-cas` [from, to], which shows that
 * the value is not `from`. A state is the register's JSON value. Throws a TypeError for any other
 * function and for a compare-and-set whose value is not a pair.
 */
export const register: CompleteModel<unknown> = {
  name: "register",
  init: () => null,
  step(state, call) {
    switch (call.f) {
      case "write":
        return call.value;
      case "read":
        return isSame(state, call.value) ? state : undefined;
      case "cas": {
        const [from, to] = casArguments(call);
        return isSame(state, from) ? to : undefined;
      }
      case FAILED_CAS:
        return isSame(state, casArguments(call)[0]) ? undefined : state;
      default:
        throw new TypeError(`a register's function must be read, write or cas, got ${call.f}`);
    }
  },
  hash: canonicalJson,
  isReadOnly: ({ f }) => f === "read" || f === FAILED_CAS,
  overwrites: ({ f }) => f === "write",
  stateBefore(call) {
    if (call.f === "read") return canonicalJson(call.value);
    return call.f === "cas" ? canonicalJson(casArguments(call)[0]) : undefined;
  },
  stateAfter(call) {
    if (call.f === "write") return canonicalJson(call.value);
    return call.f === "cas" ? canonicalJson(casArguments(call)[1]) : undefined;
  },
  describeState: (state) => ({ value: state }),
  inconsistency(state, call) {
    const value = stringifyJson(state);
    if (call.f === "read") return `the register holds ${value}, not ${stringifyJson(call.value)}`;
    const expected = stringifyJson(casArguments(call)[0]);
    if (call.f === FAILED_CAS) {
      return `the register holds ${value}, so the compare-and-set succeeds`;
    }
    return `the register holds ${value}, but the compare-and-set expected ${expected}`;
  },
};

/** Knossos' `cas-register`: a {@link register} whose reads may return nil in every state. */
export const casRegister: CompleteModel<unknown> = {
  ...register,
  name: "cas-register",
  step: (state, call) => isNilRead(call) ? state : register.step(state, call),
  stateBefore: (call) => isNilRead(call) ? undefined : register.stateBefore?.(call),
};

function isNilRead({ f, value }: Call): boolean {
  return f === "read" && value === null;
}

function casArguments({ value }: Call): readonly unknown[] {
  if (Array.isArray(value) && value.length === 2) return value;
  throw new TypeError(`the value of a cas must be a pair [from, to], got ${stringifyJson(value)}`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return canonicalJson(a) === canonicalJson(b);
}
