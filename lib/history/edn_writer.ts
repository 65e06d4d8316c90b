/**
 * Writes results as EDN laid out for reading, the way Maelstrom writes `results.edn`.
 *
 * Objects are maps with keyword keys; a `Map` is a map whose keys are data, a `Set` a set, an array
 * a vector, an operation a `#jepsen.history.Op`. Strings stay strings, save in the fields that hold
 * names of ours rather than data of a client's, such as `:type` and `:anomaly-types`.
 *
 * @module
 */

import { ednAtom, ednData, ednKeyword, ednSymbol } from "./edn_text.ts";
import { isOperation } from "./operation.ts";
import { encodeOperationEdn } from "./operation_edn.ts";

const MAX_LINE_WIDTH = 100;

/** Fields whose strings, alone or in a list, are keywords. */
const keywordFields: ReadonlySet<string> = new Set([
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

/**
 * Fields whose numbers have a decimal point also when they are whole: `1.0` is not `1` in Clojure.
 */
const floatFields: ReadonlySet<string> = new Set(["msgs-per-op", "ok-fraction", "lag"]);

/** Fields that hold a client's data, in which nothing is a keyword. */
const dataFields: ReadonlySet<string> = new Set(["element", "value", "range"]);

/**
 * Writes a verdict, or any part of one, ended by a newline. Throws a TypeError for a function or
 * symbol.
 */
export function writeEdn(value: unknown): string {
  return render(value, 0) + "\n";
}

/** The value on one line. */
function flat(value: unknown, field = ""): string {
  if (value === null || typeof value !== "object") {
    if (typeof value === "string" && keywordFields.has(field)) return ednKeyword(value);
    if (typeof value === "string" && field === "class") return ednSymbol(value);
    return Number.isInteger(value) && floatFields.has(field) ? `${value}.0` : ednAtom(value);
  }
  if (isOperation(value)) return `#jepsen.history.Op${encodeOperationEdn(value)}`;
  if (dataFields.has(field) && !(value instanceof Map) && !(value instanceof Set)) {
    return ednData(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => flat(item, field)).join(" ")}]`;
  if (value instanceof Set) return `#{${[...value].map((item) => flat(item, field)).join(" ")}}`;
  return `{${members(value).map(([key, item, name]) => `${key} ${flat(item, name)}`).join(", ")}}`;
}

/** The value on as many lines as it takes, when its first character stands at `column`. */
function render(value: unknown, column: number, field = ""): string {
  const oneLine = flat(value, field);
  if (column + oneLine.length <= MAX_LINE_WIDTH || value === null || typeof value !== "object") {
    return oneLine;
  }
  if (isOperation(value) || dataFields.has(field)) return oneLine;
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
  const atoms = items.every((item) => item === null || typeof item !== "object");
  const texts = items.map((item) => render(item, indent, field));
  const body = atoms ? filled(texts, indent) : texts.join(`\n${" ".repeat(indent)}`);
  return open + body + close;
}

/** Short items side by side, in lines as wide as the page. */
function filled(texts: readonly string[], indent: number): string {
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

/**
 * The members of a map: the key as written, the value, and the field's name where it is a field.
 */
function members(map: object): [key: string, value: unknown, field: string][] {
  if (map instanceof Map) return [...map].map(([key, value]) => [ednData(key), value, ""]);
  return Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [ednKeyword(key), value, key]);
}
