/**
 * Schemas that validate messages: a node validates requests, and a workload validates replies. A
 * schema explains an invalid value and states the expected form in words.
 *
 * @module
 */

import { invariant, isJsonObject, type Json, stringifyJson } from "../base/mod.ts";

/** Validates values of type `T`. */
export interface Schema<T> {
  /** The expected form in words: `a string`, `{key: a string, offset: an integer from 0}`. */
  readonly expectation: string;
  /** Explains why the value at `path` is invalid; undefined for a valid value. */
  problem(value: unknown, path: string): string | undefined;
  /** Never set: carries the type for {@link Infer}. */
  readonly _type?: T;
}

/** The type of the values that match a schema. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/** The type of the objects whose fields match these schemas. */
export type InferFields<F extends Fields> = { [K in keyof F]: Infer<F[K]> };

/** The schemas of the fields of an object type: the inverse of {@link InferFields}. */
export type SchemasOf<T> = { readonly [K in keyof T]: Schema<T[K]> };

/** The schemas of an object's fields by name. */
export type Fields = Readonly<Record<string, Schema<unknown>>>;

function predicate<T>(expectation: string, holds: (value: unknown) => boolean): Schema<T> {
  return {
    expectation,
    problem: (value, path) => holds(value) ? undefined : mismatch(path, expectation, value),
  };
}

/**
 * Whether a value matches a schema. The parts of a value are tested first and explained after that,
 * so that the path of a part is only built if the part is invalid.
 */
function matches(schema: Schema<unknown>, value: unknown): boolean {
  return schema.problem(value, "") === undefined;
}

/** The length to which an error text shortens the value that it quotes. */
const MAX_QUOTED_CHARACTERS = 120;

function mismatch(path: string, expectation: string, value: unknown): string {
  if (value === undefined) return `${path} must be ${expectation}, but is missing`;
  // `stringifyJson` would overflow the stack on a deep value.
  const problem = problemOfJson(value, MAX_JSON_DEPTH);
  if (problem !== undefined) return `${path} must be ${expectation}, got a value that ${problem}`;
  const found = stringifyJson(value);
  const isLong = found.length > MAX_QUOTED_CHARACTERS;
  const quoted = isLong ? `${found.slice(0, MAX_QUOTED_CHARACTERS)}…` : found;
  return `${path} must be ${expectation}, got ${quoted}`;
}

/** Recursive functions, such as `JSON.stringify`, overflow the stack on much deeper values. */
const MAX_JSON_DEPTH = 1000;

/**
 * Any JSON value that can be sent on. Rejects infinite numbers, which `parseJson` returns for
 * texts such as `1e400` and which would be written as null.
 */
export const json: Schema<Json> = {
  expectation: "any JSON value",
  problem(value, path) {
    if (value === undefined) return mismatch(path, this.expectation, value);
    const problem = problemOfJson(value, MAX_JSON_DEPTH);
    return problem === undefined ? undefined : `${path} ${problem}`;
  },
};

function problemOfJson(value: unknown, depthLeft: number): string | undefined {
  if (value === Infinity || value === -Infinity) {
    return "contains a number beyond the range of a 64-bit float";
  }
  if (typeof value !== "object" || value === null) return undefined;
  invariant(depthLeft >= 0, "recursion ends at the maximum depth");
  if (depthLeft === 0) return `nests deeper than the maximum of ${MAX_JSON_DEPTH} levels`;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    const problem = problemOfJson(part, depthLeft - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A string. */
export const string: Schema<string> = predicate("a string", (value) => typeof value === "string");
/** An integer that a `number` holds exactly (|x| < 2⁵³). */
export const integer: Schema<number> = predicate("an integer", Number.isSafeInteger);
/** An integer from 0 to 2⁵³−1. */
export const natural: Schema<number> = predicate(
  "an integer from 0",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
/** Any finite number. */
export const number: Schema<number> = predicate("a number", Number.isFinite);
/** True or false. */
export const boolean: Schema<boolean> = predicate(
  "a boolean",
  (value) => typeof value === "boolean",
);

/** Matches exactly one value. */
export function literal<const T extends string | number | boolean | null>(value: T): Schema<T> {
  return predicate(JSON.stringify(value), (other) => other === value);
}

/** Matches arrays of any length whose items match one schema. */
export function array<T>(item: Schema<T>): Schema<T[]> {
  return {
    expectation: `an array (each item: ${item.expectation})`,
    problem(value, path) {
      if (!Array.isArray(value)) return mismatch(path, this.expectation, value);
      for (let index = 0; index < value.length; index++) {
        if (!matches(item, value[index])) return item.problem(value[index], `${path}[${index}]`);
      }
      return undefined;
    },
  };
}

/** Matches arrays of a fixed length whose items match the schemas in order. */
export function tuple<const S extends readonly Schema<unknown>[]>(
  ...items: S
): Schema<{ -readonly [K in keyof S]: Infer<S[K]> }> {
  return {
    expectation: `[${items.map((item) => item.expectation).join(", ")}]`,
    problem(value, path) {
      if (!Array.isArray(value) || value.length !== items.length) {
        return mismatch(path, this.expectation, value);
      }
      for (const [index, item] of items.entries()) {
        if (!matches(item, value[index])) return item.problem(value[index], `${path}[${index}]`);
      }
      return undefined;
    },
  };
}

/** Matches objects with any keys, whose values match one schema. */
export function record<T>(item: Schema<T>): Schema<{ [key: string]: T }> {
  return {
    expectation: `an object (each value: ${item.expectation})`,
    problem(value, path) {
      if (!isJsonObject(value)) return mismatch(path, this.expectation, value);
      for (const key of Object.keys(value)) {
        if (!matches(item, value[key])) {
          return item.problem(value[key], `${path}[${JSON.stringify(key)}]`);
        }
      }
      return undefined;
    },
  };
}

/** Matches a field that may be missing. */
export function optional<T>(item: Schema<T>): Schema<T | undefined> {
  return {
    expectation: `${item.expectation} (optional)`,
    problem: (value, path) => value === undefined ? undefined : item.problem(value, path),
  };
}

/** Matches values that match at least one of the schemas. */
export function either<const S extends readonly Schema<unknown>[]>(
  ...choices: S
): Schema<Infer<S[number]>> {
  return predicate(
    choices.map((choice) => choice.expectation).join(" or "),
    (value) => choices.some((choice) => matches(choice, value)),
  );
}

/**
 * Matches objects with the given fields. Ignores unknown fields unless the schema is closed. A node
 * should ignore unknown fields in requests; Maelstrom's workloads reject them in replies.
 */
export function object<F extends Fields>(
  fields: F,
  options: { readonly closed?: boolean } = {},
): Schema<InferFields<F>> {
  const names = Object.keys(fields);
  return {
    expectation: `{${
      names.map((name) => `${name}: ${(fields[name] as Schema<unknown>).expectation}`).join(", ")
    }}`,
    problem(value, path) {
      if (!isJsonObject(value)) return mismatch(path, this.expectation, value);
      for (const name of names) {
        const field = fields[name] as Schema<unknown>;
        if (!matches(field, value[name])) return field.problem(value[name], `${path}.${name}`);
      }
      if (!options.closed) return undefined;
      const unknownField = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
      return unknownField === undefined
        ? undefined
        : `${path} has an unknown field '${unknownField}'; expected only ${names.join(", ")}`;
    },
  };
}

/**
 * Returns a value, typed by its schema. `name` stands for the value in the error text. Throws a
 * TypeError for a value that does not match.
 */
export function parse<T>(schema: Schema<T>, value: unknown, name: string): T {
  const problem = schema.problem(value, name);
  if (problem !== undefined) throw new TypeError(problem);
  return value as T;
}
