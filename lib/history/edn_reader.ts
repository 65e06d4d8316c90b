/**
 * Parses EDN (extensible data notation, github.com/edn-format/edn), the format of Jepsen's and
 * Maelstrom's histories and results, to plain JSON-like values.
 *
 * Keywords, symbols and characters become strings without their prefix; lists, vectors and sets
 * become arrays; a tagged value becomes the value; integers beyond 2⁵³ become `bigint`. Maps become
 * objects; a key other than a keyword, string or symbol becomes its JSON text (`0.5` → `"0.5"`).
 *
 * @module
 */

import { Double, stringifyJson } from "../base/mod.ts";

/** Thrown for malformed EDN; has the location of the problem. */
export class EdnError extends Error {
  override readonly name = "EdnError";

  /** `line` and `column` count from 1. */
  constructor(readonly problem: string, readonly line: number, readonly column: number) {
    super(`line ${line}, column ${column}: ${problem}`);
  }
}

/** How to parse EDN. */
export interface EdnOptions {
  /** Whether an integer with a decimal point, `1.0`, becomes a `Double`; by default a `number`. */
  readonly doubles?: boolean;
}

/** Parses a text with exactly one value. Throws an {@link EdnError} for any other text. */
export function parseEdn(text: string, options: EdnOptions = {}): unknown {
  const reader = new EdnReader(text, options);
  if (reader.atEnd()) throw reader.error("expected a value, but the text is empty");
  const value = reader.read();
  if (!reader.atEnd()) throw reader.error("expected one value, found another after it");
  return value;
}

/** Parses all values of a text. Throws an {@link EdnError} for malformed EDN. */
export function parseEdnAll(text: string, options: EdnOptions = {}): unknown[] {
  const reader = new EdnReader(text, options);
  const values: unknown[] = [];
  while (!reader.atEnd()) values.push(reader.read());
  return values;
}

const SPACE = 32;
const HASH = 35;
const COMMA = 44;
const SEMICOLON = 59;
const token = /[^\s,;"()[\]{}]+/y;
const plainString = /"([^"\\]*)"/y;
const smallInteger = /[0-9]{1,15}(?=[\s,)\]}])/y;
const integer = /^[+-]?[0-9]+N?$/;
const decimal = /^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?M?$/;
const ratio = /^([+-]?[0-9]+)\/([0-9]+)$/;
const namedCharacters: Readonly<Record<string, string>> = {
  newline: "\n",
  return: "\r",
  space: " ",
  tab: "\t",
  formfeed: "\f",
  backspace: "\b",
};
const symbolicNumbers: Readonly<Record<string, number>> = {
  Inf: Infinity,
  "-Inf": -Infinity,
  NaN: NaN,
};
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "\\": "\\",
  '"': '"',
};

class EdnReader {
  readonly #text: string;
  readonly #doubles: boolean;
  #position = 0;

  constructor(text: string, { doubles = false }: EdnOptions = {}) {
    this.#text = text;
    this.#doubles = doubles;
  }

  /** Skips white space, comments and discarded values; returns whether the text ends there. */
  atEnd(): boolean {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#position);
      if (code <= SPACE || code === COMMA) {
        this.#position++;
      } else if (code === SEMICOLON) {
        const newline = text.indexOf("\n", this.#position);
        this.#position = newline < 0 ? text.length : newline;
      } else if (code === HASH && text.startsWith("#_", this.#position)) {
        this.#position += 2;
        this.read();
      } else break;
    }
    return this.#position >= text.length;
  }

  error(problem: string, position = this.#position): EdnError {
    const before = this.#text.slice(0, position);
    const lineStart = before.lastIndexOf("\n") + 1;
    return new EdnError(problem, before.split("\n").length, position - lineStart + 1);
  }

  read(): unknown {
    if (this.atEnd()) throw this.error("expected a value, but the text ends");
    const start = this.#position;
    switch (this.#text[start]) {
      case "(":
        return this.#sequence(")");
      case "[":
        return this.#sequence("]");
      case "{":
        return this.#map();
      case '"':
        return this.#string();
      case "#":
        return this.#dispatch();
      case "\\":
        return this.#character();
      case ")":
      case "]":
      case "}":
        throw this.error(`'${this.#text[start]}' has no opening bracket`);
      default:
        return this.#smallInteger() ?? this.#atom(this.#token(), start);
    }
  }

  /** A fast path: most values of a history are short non-negative integers. */
  #smallInteger(): number | undefined {
    smallInteger.lastIndex = this.#position;
    if (!smallInteger.test(this.#text)) return undefined;
    const start = this.#position;
    this.#position = smallInteger.lastIndex;
    return Number(this.#text.slice(start, this.#position));
  }

  #token(): string {
    token.lastIndex = this.#position;
    const found = token.exec(this.#text);
    if (found === null) throw this.error(`unexpected '${this.#text[this.#position]}'`);
    this.#position = token.lastIndex;
    return found[0];
  }

  #atom(text: string, start: number): unknown {
    const first = text.charCodeAt(0);
    if (first === 58) return text.slice(1);
    const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45;
    if (!numeric) {
      return text === "nil" ? null : text === "true" ? true : text === "false" ? false : text;
    }
    if (integer.test(text)) {
      const digits = text.endsWith("N") ? text.slice(0, -1) : text;
      const value = Number(digits);
      return Number.isSafeInteger(value) ? value : BigInt(digits);
    }
    if (decimal.test(text)) {
      const value = Number.parseFloat(text);
      return this.#doubles && Number.isInteger(value) ? new Double(value) : value;
    }
    const fraction = ratio.exec(text);
    if (fraction !== null) return Number(fraction[1]) / Number(fraction[2]);
    if (text.length === 1 || !/[0-9]/.test(text[1] ?? "") && numericSign(first)) return text;
    throw this.error(`'${text}' is not a number`, start);
  }

  #sequence(close: string): unknown[] {
    const start = this.#position++;
    const values: unknown[] = [];
    for (;;) {
      if (this.atEnd()) throw this.error(`the closing '${close}' is missing`, start);
      if (this.#text[this.#position] === close) break;
      values.push(this.read());
    }
    this.#position++;
    return values;
  }

  #map(): Record<string, unknown> {
    const start = this.#position;
    const members = this.#sequence("}");
    if (members.length % 2 !== 0) throw this.error("a key of this map has no value", start);
    const map: Record<string, unknown> = {};
    for (let index = 0; index < members.length; index += 2) {
      const key = members[index];
      const name = typeof key === "string" ? key : stringifyJson(key);
      if (name === "__proto__") {
        Object.defineProperty(map, name, { value: members[index + 1], enumerable: true });
      } else map[name] = members[index + 1];
    }
    return map;
  }

  #dispatch(): unknown {
    const next = this.#text[this.#position + 1];
    if (next === "{") {
      this.#position++;
      return this.#sequence("}");
    }
    if (next === "#") {
      this.#position += 2;
      const start = this.#position;
      const name = this.#token();
      const value = symbolicNumbers[name];
      if (value === undefined) throw this.error(`'##${name}' is not a number`, start);
      return value;
    }
    this.#position++;
    this.#token();
    return this.read();
  }

  #string(): string {
    const start = this.#position;
    plainString.lastIndex = start;
    const plain = plainString.exec(this.#text);
    if (plain !== null) {
      this.#position = plainString.lastIndex;
      return plain[1] as string;
    }
    let value = "";
    for (this.#position++; this.#position < this.#text.length; this.#position++) {
      const character = this.#text[this.#position] as string;
      if (character === '"') {
        this.#position++;
        return value;
      }
      value += character === "\\" ? this.#escape() : character;
    }
    throw this.error("this string has no closing quote", start);
  }

  #escape(): string {
    const name = this.#text[++this.#position] ?? "";
    if (name === "u") {
      const digits = this.#text.slice(this.#position + 1, this.#position + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
        throw this.error("\\u must be followed by four hexadecimal digits");
      }
      this.#position += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const value = escapes[name];
    if (value === undefined) throw this.error(`'\\${name}' is not an escape sequence`);
    return value;
  }

  #character(): string {
    this.#position++;
    const first = this.#text[this.#position];
    if (first === undefined) throw this.error("expected a character, but the text ends");
    this.#position++;
    if (!/[a-zA-Z]/.test(first)) return first;
    this.#position--;
    const name = this.#token();
    if (name.length === 1) return name;
    const code = /^u([0-9a-fA-F]{4})$/.exec(name);
    if (code !== null) return String.fromCharCode(Number.parseInt(code[1] as string, 16));
    return namedCharacters[name] ?? name;
  }
}

function numericSign(code: number): boolean {
  return code === 43 || code === 45;
}
