/**
 * Copies of JSON values, so that simulated nodes share nothing: what one of them does to a message
 * it sent or got must not be seen anywhere else.
 *
 * A copy is what the value would be after it has been written to a line and read again, at a
 * fraction of the cost: what JSON cannot hold is treated as JSON treats it.
 *
 * @module
 */

import { parseJson, stringifyJson } from "../../base/mod.ts";

/** A copy of a value as it comes out of a line of JSON; undefined when JSON has nothing for it. */
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
  // Spreading keeps the object's hidden class, which is faster than adding its keys one by one, and
  // takes a key called __proto__ for what it is here: a key.
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
