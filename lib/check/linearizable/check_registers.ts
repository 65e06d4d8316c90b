/**
 * Checks Maelstrom's `lin-kv` workload: independent registers, each with a key.
 *
 * @module
 */

import type { History, Operation } from "../../history/mod.ts";
import { maelstromValid } from "../compose.ts";
import { mergeValid, type Verdict } from "../verdict.ts";
import { casRegister, register } from "./cas_register.ts";
import { checkKeys } from "./check_keys.ts";
import {
  limitsUntil,
  LinearizabilityCheck,
  type LinearizableOptions,
} from "./check_linearizable.ts";

/** The name of the error 20 in histories. */
const MISSING_KEY = "key-does-not-exist";

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
 * A read of null finds no such key, and so does a read that fails with `key-does-not-exist`.
 * Maelstrom accepts the first always and ignores the second; here both are wrong after a write. The
 * verdict of such a key is in `lost-key`, and `lost-keys` lists them; `maelstrom-valid?` holds
 * Maelstrom's verdict.
 *
 * Limits are those of {@link checkKeys}.
 */
export function checkLinearizableRegisters(
  history: History,
  options: LinearizableOptions = {},
): RegistersVerdict {
  const results = new Map<unknown, Verdict>();
  const reads = history.map(missingKeyAsNull);
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

/** Returns a read of null in the place of a read that failed because its key does not exist. */
function missingKeyAsNull(operation: Operation): Operation {
  const { type, f, value, error } = operation;
  const isMissing = type === "fail" && f === "read" && Array.isArray(error) &&
    error[0] === MISSING_KEY;
  return isMissing && Array.isArray(value)
    ? { ...operation, type: "ok", value: [value[0], null] }
    : operation;
}

/** Returns the operation as it was before {@link missingKeyAsNull}. */
function asRecorded(operation: Operation): Operation {
  const { type, error } = operation;
  return type === "ok" && error !== undefined ? { ...operation, type: "fail" } : operation;
}

/** Returns a key's result: both verdicts if Maelstrom's differs, which accepts all reads of null. */
function withMaelstromVerdict(
  operations: History,
  verdict: Verdict,
  options: LinearizableOptions,
): Verdict {
  const same = { linearizable: verdict, "valid?": verdict["valid?"] };
  const hasNullRead = operations.some(({ f, type, value }) =>
    f === "read" && type === "ok" && value === null
  );
  if (verdict["valid?"] === true || !hasNullRead) return same;
  const check = new LinearizabilityCheck(operations.map(asRecorded), casRegister);
  check.attempt(limitsUntil(Infinity, options));
  const maelstrom = check.verdict();
  if (maelstrom["valid?"] === false) return { linearizable: maelstrom, "valid?": false };
  if (verdict["valid?"] !== false) return same;
  const message = `${verdict["message"]}. A read of null finds no such key, as one that fails ` +
    "with error 20 does; Maelstrom accepts both always";
  return {
    linearizable: maelstrom,
    "lost-key": { ...verdict, message },
    "valid?": false,
    "maelstrom-valid?": maelstrom["valid?"],
  };
}
