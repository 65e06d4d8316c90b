/**
 * Writes the atoms of EDN, and plain JSON values as the data that they are: objects as maps with
 * string keys, arrays as vectors.
 *
 * @module
 */

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

/** A string, quoted. */
export function ednString(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  return `"${text.replace(/["\\\n\r\t\f\b]/g, (character) => escapes[character] as string)}"`;
}

/** A keyword; a string where the name is none that EDN allows. */
export function ednKeyword(name: string): string {
  return keywordName.test(name) ? `:${name}` : ednString(name);
}

/** A symbol such as a class name; a string where the name is none that EDN allows. */
export function ednSymbol(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$.*+!?<>=\/-]*$/.test(name) ? name : ednString(name);
}

/** nil, a boolean, a number or a string. Throws a TypeError for anything else. */
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
      throw new TypeError(`EDN has no notation for a ${typeof value}`);
  }
}

function ednNumber(value: number): string {
  if (Number.isNaN(value)) return "##NaN";
  if (!Number.isFinite(value)) return value > 0 ? "##Inf" : "##-Inf";
  return String(value);
}

/** A JSON value as data: what a client sent or got, in which nothing is a keyword. */
export function ednData(value: unknown): string {
  if (value === null || typeof value !== "object") return ednAtom(value);
  if (Array.isArray(value)) return `[${value.map(ednData).join(" ")}]`;
  return ednMap(value, ednString, ednData);
}

/** An object as a map, its keys and values written as told. */
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
