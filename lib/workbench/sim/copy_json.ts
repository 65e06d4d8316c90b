/**
 * Copies of JSON values, so that simulated nodes share no state: a node that changes a message
 * after it sent or received it changes no other node's copy.
 *
 * A copy equals the value after a round trip through a line of JSON, but is much cheaper to make.
 * Values that JSON cannot represent become what `stringifyJson` makes of them.
 *
 * @module
 */

import { parseJson, stringifyJson } from "../../base/mod.ts";

/** Reads a line of JSON. */
type Parse = (text: string) => unknown;

/**
 * Returns a copy of a value as `parse` reads it from a line of JSON; undefined if JSON cannot
 * represent it.
 */
export function copyJson(value: unknown, parse: Parse = parseJson): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return isSameInJson(value as number) ? value : throughText(value, parse);
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return copyArray(value, parse);
      return isPlain(value) ? copyObject(value, parse) : throughText(value, parse);
    default:
      return throughText(value, parse);
  }
}

/** Whether a number is a fraction, or an integer that JSON keeps. */
function isSameInJson(value: number): boolean {
  return Number.isInteger(value)
    ? Number.isSafeInteger(value) && !Object.is(value, -0)
    : Number.isFinite(value);
}

function copyArray(array: readonly unknown[], parse: Parse): unknown[] {
  const copy = array.slice();
  for (let index = 0; index < copy.length; index++) {
    const item = copy[index];
    if (typeof item === "string" || (Number.isSafeInteger(item) && item !== 0)) continue;
    const copied = copyJson(item, parse);
    copy[index] = copied === undefined ? null : copied;
  }
  return copy;
}

function copyObject(object: Record<string, unknown>, parse: Parse): Record<string, unknown> {
  // Spreading keeps the object's hidden class, which is faster than adding its keys one by one. It
  // also copies a key called __proto__ as an ordinary key, to which a later assignment applies.
  const copy = { ...object };
  for (const key in copy) {
    const value = copy[key];
    if (typeof value === "string" || (Number.isSafeInteger(value) && value !== 0)) continue;
    const copied = copyJson(value, parse);
    if (copied === undefined) delete copy[key];
    else if (!Object.is(copied, value)) copy[key] = copied;
  }
  return copy;
}

type WithRawJson = typeof JSON & { isRawJSON(value: object): boolean };

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  const isObject = prototype === Object.prototype ||
    (prototype === null && !(JSON as WithRawJson).isRawJSON(value));
  return isObject && (value as { toJSON?: unknown }).toJSON === undefined;
}

function throughText(value: unknown, parse: Parse): unknown {
  const text = stringifyJson(value);
  return text === undefined ? undefined : parse(text);
}
