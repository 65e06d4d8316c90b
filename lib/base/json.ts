/**
 * JSON values (RFC 8259) with a parser and a serialiser that keep all digits of an integer. An
 * integer beyond 2⁵³, such as a 64-bit id, is parsed as a `bigint` and written with the same digits.
 *
 * @module
 */

import { Double } from "./double.ts";

/** A JSON value. An integer that a `number` cannot hold exactly is a `bigint`. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** A reviver with the third argument of ES2025, which TypeScript's library does not declare yet. */
type SourceReviver = (
  this: unknown,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** A `number` holds every integer with fewer digits exactly. */
const MIN_LARGE_INTEGER_DIGITS = 16;
const integer = /^-?[0-9]+$/;

const keepDigits: SourceReviver = (_key, value, context) => {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integer.test(source) ? BigInt(source) : value;
};

/**
 * Parses a JSON text.
 *
 * A number beyond the range of a `number`, such as `1e400`, becomes infinite. Searching every text
 * for exponents would double the cost of the scan, so `schema.json` rejects infinite numbers instead.
 *
 * @throws {SyntaxError} When the text is not valid JSON.
 */
export function parseJson(text: string): Json {
  if (!hasLongDigitRun(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, keepDigits as (this: unknown, key: string, value: unknown) => unknown);
}

const keepNotation: SourceReviver = (key, value, context) => {
  const isInteger = typeof value === "number" && Number.isInteger(value);
  return isInteger && /[.eE]/.test(context?.source ?? "")
    ? new Double(value)
    : keepDigits(key, value, context);
};

/**
 * Parses a JSON text as {@link parseJson} does, but an integer that is written as a fraction or with
 * an exponent becomes a {@link Double}.
 *
 * @throws {SyntaxError} When the text is not valid JSON.
 */
export function parseJsonWithDoubles(text: string): Json {
  if (!mayHaveDoubles(text)) return parseJson(text);
  return JSON.parse(text, keepNotation as (this: unknown, key: string, value: unknown) => unknown);
}

/** A number with a fraction that begins with 0, or with an exponent; some also occur in strings. */
const doubleNotation = /(?:^|[[:,\s])-?[0-9]+(?:\.0|(?:\.[0-9]+)?[eE])/;

/** Searches for characters first, which is much faster than the regular expression. */
function mayHaveDoubles(text: string): boolean {
  const isCandidate = text.includes(".0") || hasDigitBefore(text, "e") || hasDigitBefore(text, "E");
  return isCandidate && doubleNotation.test(text);
}

/** Whether a digit precedes the letter anywhere. */
function hasDigitBefore(text: string, letter: string): boolean {
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) {
    if (isDigit(text, at - 1)) return true;
  }
  return false;
}

/**
 * Whether the text contains 16 digits in a row.
 *
 * Such a run covers one of every 16 positions and extends 8 positions to its left or right.
 * Sampling every 16th character therefore rejects most texts. A regular expression would examine
 * every character, and this function runs for every message.
 */
function hasLongDigitRun(text: string): boolean {
  const half = MIN_LARGE_INTEGER_DIGITS / 2;
  for (let at = MIN_LARGE_INTEGER_DIGITS - 1; at < text.length; at += MIN_LARGE_INTEGER_DIGITS) {
    if (!isDigit(text, at) || !(isDigit(text, at - half) || isDigit(text, at + half))) continue;
    let first = at;
    let last = at;
    while (isDigit(text, first - 1)) first--;
    while (isDigit(text, last + 1)) last++;
    if (last - first + 1 >= MIN_LARGE_INTEGER_DIGITS) return true;
  }
  return false;
}

/** Whether the character at an index is a digit; false outside the text. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

const QUOTE = 34;
const BACKSLASH = 92;
/** The only bit in which brackets and braces differ. */
const BRACE_BIT = 32;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

/**
 * Whether a JSON text nests arrays and objects more than `maxDepth` levels deep. The result is
 * unspecified for a text that is not valid JSON. Recursive functions, such as `JSON.stringify`,
 * overflow the stack on values that are nested tens of thousands of levels deep.
 */
export function nestsDeeperThan(text: string, maxDepth: number): boolean {
  if (text.length <= 2 * maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if ((code | BRACE_BIT) === OPENING_BRACE) {
      if (++depth > maxDepth) return true;
    } else if ((code | BRACE_BIT) === CLOSING_BRACE) {
      depth--;
    }
  }
  return false;
}

/** Returns the index of a string's closing quote, or the text's length when the quote is missing. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

type WithRawJson = typeof JSON & { rawJSON(text: string): unknown };

/** Serialises a value as JSON, on one line unless indented; a `bigint` becomes its digits. */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    // A value with a `bigint`: rare, and serialising with a replacer takes several times as long.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, bigintAsDigits, indent);
  }
}

function bigintAsDigits(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? (JSON as WithRawJson).rawJSON(String(value)) : value;
}

/** Whether a value is a JSON object, so neither null nor an array nor a {@link Double}. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Double);
}

/** Serialises a value with sorted keys, so that equal JSON values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (value === null || typeof value !== "object") return stringifyJson(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value instanceof Double) return value.toString();
  const object = value as Record<string, unknown>;
  const members = Object.keys(object).sort().map((key) =>
    `${JSON.stringify(key)}:${canonicalJson(object[key])}`
  );
  return `{${members.join(",")}}`;
}

/**
 * Whether two JSON values are equal. The order of keys is insignificant. A {@link Double} equals no
 * integer.
 */
export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length &&
      a.every((item, index) => jsonEquals(item, b[index] as Json));
  }
  if (a instanceof Double) return b instanceof Double && a.value === b.value;
  if (isJsonObject(a)) {
    if (!isJsonObject(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] as Json, b[key] as Json));
  }
  // An integer is a number or a bigint, depending on its notation: 1e20, or all of its 21 digits.
  return typeof a !== typeof b && !isJsonObject(b) && canonicalJson(a) === canonicalJson(b);
}
