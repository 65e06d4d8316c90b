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

/** Returns a copy of a value as read from a line of JSON; undefined if JSON cannot represent it. */
export function copyJson(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : throughText(value);
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return copyArray(value);
      return isPlain(value) ? copyObject(value) : throughText(value);
    default:
      return throughText(value);
  }
}

function copyArray(array: readonly unknown[]): unknown[] {
  const copy = array.slice();
  for (let index = 0; index < copy.length; index++) {
    const item = copy[index];
    if (typeof item === "string" || (Number.isSafeInteger(item) && item !== 0)) continue;
    const copied = copyJson(item);
    copy[index] = copied === undefined ? null : copied;
  }
  return copy;
}

function copyObject(object: Record<string, unknown>): Record<string, unknown> {
  // Spreading keeps the object's hidden class, which is faster than adding its keys one by one. It
  // also copies a key called __proto__ as an ordinary key.
  const copy = { ...object };
  for (const key in copy) {
    const value = copy[key];
    if (typeof value === "string" || (Number.isSafeInteger(value) && value !== 0)) continue;
    const copied = copyJson(value);
    if (copied === undefined) delete copy[key];
    else if (copied !== value) {
      if (key === "__proto__") return throughText(object) as Record<string, unknown>;
      copy[key] = copied;
    }
  }
  return copy;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) &&
    (value as { toJSON?: unknown }).toJSON === undefined;
}

function throughText(value: unknown): unknown {
  const text = stringifyJson(value);
  return text === undefined ? undefined : parseJson(text);
}
