/**
 * Checks Maelstrom's `lin-kv` workload: independent registers, each with a key.
 *
 * @module
 */

import type { History, Operation } from "../../history/mod.ts";
import { maelstromValid } from "../compose.ts";
import { mergeValid, type Verdict } from "../verdict.ts";
import { casRegister, FAILED_CAS, register } from "./cas_register.ts";
import { checkKeys } from "./check_keys.ts";
import {
  limitsUntil,
  LinearizabilityCheck,
  type LinearizableOptions,
} from "./check_linearizable.ts";

/** The names of the errors 20 and 22 in histories. */
const MISSING_KEY = "key-does-not-exist";
const PRECONDITION_FAILED = "precondition-failed";

/** The verdict of {@link checkLinearizableRegisters}. */
export interface RegistersVerdict extends Verdict {
  /** The verdict on each key. */
  readonly results: ReadonlyMap<unknown, Verdict>;
  /** The keys that are not linearizable. */
  readonly failures: readonly unknown[];
  /** The keys that only Maelstrom considers linearizable, if any. */
  readonly "lost-keys"?: readonly unknown[];
}

/**
 * Checks a history whose values are `[key, value]`: `read` (null in its invocation), `write`, and
 * `cas` with `[key, [from, to]]`. `results` holds each key's verdict as `linearizable`; `failures`
 * lists the keys that are not linearizable.
 *
 * A read of null finds no such key, and so does a read or a compare-and-set that fails with
 * `key-does-not-exist`. A compare-and-set that fails with `precondition-failed` finds another value.
 * Maelstrom always accepts the first and ignores the others; here they are results like any other. If
 * they alone make a key invalid, its verdict is in `lost-key`, `lost-keys` lists the key, and
 * `maelstrom-valid?` holds Maelstrom's verdict.
 *
 * Limits are those of {@link checkKeys}.
 */
export function checkLinearizableRegisters(
  history: History,
  options: LinearizableOptions = {},
): RegistersVerdict {
  const results = new Map<unknown, Verdict>();
  const reads = history.map(errorAsResult);
  for (const { key, operations, verdict } of checkKeys(reads, register, options)) {
    results.set(key, withMaelstromVerdict(operations, verdict, options));
  }
  const verdicts = [...results.values()];
  const valid = mergeValid(verdicts.map((result) => result["valid?"]));
  const maelstrom = mergeValid(verdicts.map(maelstromValid));
  const keysWhere = (holds: (result: Verdict) => boolean) =>
    [...results].filter(([, result]) => holds(result)).map(([key]) => key);
  const lost = keysWhere((result) => result["lost-key"] !== undefined);
  return {
    "valid?": valid,
    ...(maelstrom === valid ? {} : { "maelstrom-valid?": maelstrom }),
    results,
    failures: keysWhere((result) => maelstromValid(result) === false),
    ...(lost.length === 0 ? {} : { "lost-keys": lost }),
  };
}

/** Returns an operation that succeeds in the place of one whose error shows the register's value. */
function errorAsResult(operation: Operation): Operation {
  const { type, f, value, error } = operation;
  if (type !== "fail" || !Array.isArray(error) || !Array.isArray(value)) return operation;
  const isCas = f === "cas";
  if (error[0] === MISSING_KEY && (isCas || f === "read")) {
    return { ...operation, type: "ok", f: "read", value: [value[0], null] };
  }
  return error[0] === PRECONDITION_FAILED && isCas
    ? { ...operation, type: "ok", f: FAILED_CAS }
    : operation;
}

/** Returns whether Maelstrom does not examine an operation's result. */
function isIgnored({ type, f, value, error }: Operation): boolean {
  return type === "ok" && (error !== undefined || (f === "read" && value === null));
}

/** Returns the operations without those that {@link errorAsResult} replaced. */
function withoutErrors(operations: History): Operation[] {
  return operations.map((operation): Operation =>
    operation.type === "ok" && operation.error !== undefined
      ? { ...operation, type: "fail" }
      : operation
  );
}

/** Returns a key's result; with both verdicts if only Maelstrom does not reject it. */
function withMaelstromVerdict(
  operations: History,
  verdict: Verdict,
  options: LinearizableOptions,
): Verdict {
  const same = { linearizable: verdict, "valid?": verdict["valid?"] };
  if (verdict["valid?"] === true || !operations.some(isIgnored)) return same;
  const check = new LinearizabilityCheck(withoutErrors(operations), casRegister);
  check.attempt(limitsUntil(Infinity, options));
  const maelstrom = check.verdict();
  if (maelstrom["valid?"] === false) return { linearizable: maelstrom, "valid?": false };
  if (verdict["valid?"] !== false) return same;
  const message =
    `${verdict["message"]}. A read of null, or error 20, finds no such key, and error ` +
    "22 finds another value; Maelstrom always accepts them";
  return {
    linearizable: maelstrom,
    "lost-key": { ...verdict, message },
    "valid?": false,
    "maelstrom-valid?": maelstrom["valid?"],
  };
}
