/**
 * Writes results as pretty-printed EDN, as Maelstrom writes `results.edn`.
 *
 * An object becomes a map with keyword keys, a `Map` a map whose keys are data, a `Set` a set, an
 * array a vector, an operation a `#jepsen.history.Op`. Strings stay strings, except in fields that
 * contain names of a checker instead of a client's data, such as `:type` and `:anomaly-types`.
 *
 * @module
 */

import { Double } from "../base/mod.ts";
import { ednAtom, ednData, ednKeyword, ednSymbol } from "./edn_text.ts";
import { isOperation } from "./operation.ts";
import { encodeOperationEdn } from "./operation_edn.ts";

const MAX_LINE_WIDTH = 100;

/** Fields whose strings are keywords, also in lists. */
const KEYWORD_FIELDS: ReadonlySet<string> = new Set([
  "valid?",
  "maelstrom-valid?",
  "type",
  "f",
  "outcome",
  "analyzer",
  "not",
  "also-not",
  "anomaly-types",
  "error-types",
  "bad-error-types",
  "info-txn-causes",
]);

/** Fields whose numbers always have a decimal point: in Clojure, `1.0` is not equal to `1`. */
const FLOAT_FIELDS: ReadonlySet<string> = new Set(["msgs-per-op", "ok-fraction", "lag"]);

/** Fields that contain a client's data, whose strings are never keywords. */
const DATA_FIELDS: ReadonlySet<string> = new Set(["element", "value", "range"]);

/**
 * Writes a verdict, or a part of one, and a newline. Throws a TypeError for a function or a symbol.
 */
export function writeEdn(value: unknown): string {
  return render(value, 0) + "\n";
}

/** Returns the value on one line. */
function flat(value: unknown, field = ""): string {
  if (value === null || typeof value !== "object" || value instanceof Double) {
    if (typeof value === "string" && KEYWORD_FIELDS.has(field)) return ednKeyword(value);
    if (typeof value === "string" && field === "class") return ednSymbol(value);
    return Number.isInteger(value) && FLOAT_FIELDS.has(field) ? `${value}.0` : ednAtom(value);
  }
  if (isOperation(value)) return `#jepsen.history.Op${encodeOperationEdn(value)}`;
  if (DATA_FIELDS.has(field) && !(value instanceof Map) && !(value instanceof Set)) {
    return ednData(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => flat(item, field)).join(" ")}]`;
  if (value instanceof Set) return `#{${[...value].map((item) => flat(item, field)).join(" ")}}`;
  return `{${members(value).map(([key, item, name]) => `${key} ${flat(item, name)}`).join(", ")}}`;
}

/** Returns the value, broken into lines; `column` is the position of its first character. */
function render(value: unknown, column: number, field = ""): string {
  const oneLine = flat(value, field);
  if (column + oneLine.length <= MAX_LINE_WIDTH || value === null || typeof value !== "object") {
    return oneLine;
  }
  if (isOperation(value) || DATA_FIELDS.has(field)) return oneLine;
  if (Array.isArray(value)) return renderSequence(value, "[", "]", column, field);
  if (value instanceof Set) return renderSequence([...value], "#{", "}", column, field);
  const lines = members(value).map(([key, item, name]) =>
    `${key} ${render(item, column + key.length + 2, name)}`
  );
  return `{${lines.join(`,\n${" ".repeat(column + 1)}`)}}`;
}

function renderSequence(
  items: readonly unknown[],
  open: string,
  close: string,
  column: number,
  field: string,
): string {
  const indent = column + open.length;
  const atoms = items.every((item) =>
    item === null || typeof item !== "object" || item instanceof Double
  );
  const texts = items.map((item) => render(item, indent, field));
  const body = atoms ? wrap(texts, indent) : texts.join(`\n${" ".repeat(indent)}`);
  return open + body + close;
}

/** Joins short items into lines of the maximum width. */
function wrap(texts: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const text of texts) {
    if (line !== "" && indent + line.length + 1 + text.length > MAX_LINE_WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? text : ` ${text}`;
  }
  lines.push(line);
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Returns a map's members: the encoded key, the value, and the name of the field if it is one. */
function members(map: object): [key: string, value: unknown, field: string][] {
  if (map instanceof Map) return [...map].map(([key, value]) => [ednData(key), value, ""]);
  return Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [ednKeyword(key), value, key]);
}
