/**
 * JSON values, and a reader and a writer that lose no digits: an integer beyond 2⁵³ (a 64-bit id of
 * a node written in another language) comes back as a `bigint` and is written as the same digits.
 *
 * @module
 */

/** A value as JSON has it; integers that a `number` cannot hold are `bigint`. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** The reviver's third argument, which TypeScript's library does not know yet (ES2025). */
type SourceReviver = (
  this: unknown,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** No integer with fewer digits needs more than a `number`. */
const LARGE_DIGITS = 16;
const integer = /^-?[0-9]+$/;

const keepDigits: SourceReviver = (_key, value, context) => {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integer.test(source) ? BigInt(source) : value;
};

/**
 * Reads a JSON text. Throws a SyntaxError when it is none. A number beyond the range of a `number`,
 * such as `1e400`, is read as an infinite one: to look for exponents in every message would cost as
 * much as to look for digits, so who passes values on refuses it (`schema.json`).
 */
export function parseJson(text: string): Json {
  if (!hasManyDigits(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, keepDigits as (this: unknown, key: string, value: unknown) => unknown);
}

/**
 * Whether so many digits stand in a row. A row of 16 covers one character in every 16, and reaches 8
 * to one side of it or the other, so most texts are cleared by looking at one in 16: seven times as
 * fast as a regular expression, and this runs for every message.
 */
function hasManyDigits(text: string): boolean {
  const half = LARGE_DIGITS / 2;
  for (let at = LARGE_DIGITS - 1; at < text.length; at += LARGE_DIGITS) {
    if (!isDigit(text, at) || !(isDigit(text, at - half) || isDigit(text, at + half))) continue;
    let first = at;
    let last = at;
    while (isDigit(text, first - 1)) first--;
    while (isDigit(text, last + 1)) last++;
    if (last - first + 1 >= LARGE_DIGITS) return true;
  }
  return false;
}

/** Whether there is a digit at a place; there is none outside the text. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

const QUOTE = 34;
const BACKSLASH = 92;
/** Brackets and braces differ in this bit only. */
const BRACE_BIT = 32;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

/**
 * Whether arrays and objects stand more than so many deep in each other in a JSON text. A text that
 * is no JSON gives any answer. Recursive functions, `JSON.stringify` among them, run out of stack on
 * values that are nested tens of thousands deep.
 */
export function nestsDeeperThan(text: string, most: number): boolean {
  if (text.length <= 2 * most) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if ((code | BRACE_BIT) === OPENING_BRACE) {
      if (++depth > most) return true;
    } else if ((code | BRACE_BIT) === CLOSING_BRACE) {
      depth--;
    }
  }
  return false;
}

/** The place of the quote that ends the string which begins at a place; the text's end without one. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

type WithRawJson = typeof JSON & { rawJSON(text: string): unknown };

/** Writes a value as one line of JSON; a `bigint` as its digits. */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, bigintAsDigits, indent);
}

function bigintAsDigits(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? (JSON as WithRawJson).rawJSON(String(value)) : value;
}

/** Whether a value is a JSON object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is the same for equal JSON values, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return stringifyJson(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const object = value as Record<string, unknown>;
  const members = Object.keys(object).sort().map((key) =>
    `${JSON.stringify(key)}:${canonicalJson(object[key])}`
  );
  return `{${members.join(",")}}`;
}

/** Whether two JSON values are equal: same kind, same content, whatever the order of keys. */
export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length &&
      a.every((item, index) => jsonEquals(item, b[index] as Json));
  }
  if (isJsonObject(a)) {
    if (!isJsonObject(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] as Json, b[key] as Json));
  }
  // The same number may come as a number once and as a bigint once: 1e20, and its 21 digits.
  return typeof a !== typeof b && !isJsonObject(b) && canonicalJson(a) === canonicalJson(b);
}
