/**
 * Encodes atoms as EDN, and JSON values as EDN data: objects as maps with string keys, arrays as
 * vectors.
 *
 * @module
 */

import { Double } from "../base/mod.ts";

const keywordName = /^[A-Za-z*+!_?<>=.-][A-Za-z0-9*+!_?<>=.#-]*(\/[A-Za-z0-9*+!_?<>=.#-]+)?$/;
const needsEscape = /["\\\n\r\t\f\b]/;
const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\f": "\\f",
  "\b": "\\b",
};

/** Encodes a string. */
export function ednString(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  return `"${text.replace(/["\\\n\r\t\f\b]/g, (character) => escapes[character] as string)}"`;
}

/** Encodes a keyword; a string if EDN does not allow the name for keywords. */
export function ednKeyword(name: string): string {
  return keywordName.test(name) ? `:${name}` : ednString(name);
}

/** Encodes a symbol such as a class name; a string if EDN does not allow the name for symbols. */
export function ednSymbol(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$.*+!?<>=\/-]*$/.test(name) ? name : ednString(name);
}

/** Encodes nil, a boolean, a number or a string. Throws a TypeError for other values. */
export function ednAtom(value: unknown): string {
  switch (typeof value) {
    case "string":
      return ednString(value);
    case "number":
      return ednNumber(value);
    case "bigint":
      return value >= -(2n ** 63n) && value < 2n ** 63n ? String(value) : `${value}N`;
    case "boolean":
      return String(value);
    case "undefined":
      return "nil";
    default:
      if (value === null) return "nil";
      if (value instanceof Double) return value.toString();
      throw new TypeError(`a ${typeof value} cannot be encoded as EDN`);
  }
}

function ednNumber(value: number): string {
  if (Number.isNaN(value)) return "##NaN";
  if (!Number.isFinite(value)) return value > 0 ? "##Inf" : "##-Inf";
  return String(value);
}

/** Encodes a JSON value that a client sent or received: its strings are never keywords. */
export function ednData(value: unknown): string {
  if (value === null || typeof value !== "object" || value instanceof Double) {
    return ednAtom(value);
  }
  if (Array.isArray(value)) return `[${value.map(ednData).join(" ")}]`;
  return ednMap(value, ednString, ednData);
}

/** Encodes an object as a map, with the given functions for its keys and values. */
export function ednMap(
  object: object,
  writeKey: (key: string) => string,
  writeValue: (value: unknown, key: string) => string,
): string {
  const members = Object.entries(object).map(([key, value]) =>
    `${writeKey(key)} ${writeValue(value, key)}`
  );
  return `{${members.join(", ")}}`;
}
