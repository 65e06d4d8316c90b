/**
 * Descriptions of what a message must look like, for both ends: a node checks the requests it gets,
 * a workload the replies. A description is a value that can say what is wrong with another value,
 * and in words what would be right.
 *
 * @module
 */

import { isJsonObject, type Json, stringifyJson } from "../base/mod.ts";

/** Describes the values of type `T`. */
export interface Schema<T> {
  /** What is right, in words: `a string`, `{key: a string, offset: an integer from 0}`. */
  readonly expectation: string;
  /** What is wrong with a value found at `path`; undefined when nothing is. */
  problem(value: unknown, path: string): string | undefined;
  /** Never set; carries the type. */
  readonly _type?: T;
}

/** The type of the values that a schema describes. */
export type Described<S> = S extends Schema<infer T> ? T : never;

/** The type of the objects whose fields have these schemas. */
export type DescribedFields<F extends Fields> = { [K in keyof F]: Described<F[K]> };

/** Fields of an object by name. */
export type Fields = Readonly<Record<string, Schema<unknown>>>;

function test<T>(expectation: string, holds: (value: unknown) => boolean): Schema<T> {
  return {
    expectation,
    problem: (value, path) =>
      holds(value) ? undefined : `${path} must be ${expectation}, not ${show(value)}`,
  };
}

/** A value as it appears in an error message, cut short. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = stringifyJson(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Deeper values are refused: recursive functions run out of stack somewhere beyond. */
const MOST_NESTING = 1000;

/**
 * Any JSON value, but there must be one. A number that no `number` holds, such as `1e400`, is read as
 * an infinite one, and would be written as null.
 */
export const json: Schema<Json> = {
  expectation: "any JSON value",
  problem(value, path) {
    if (value === undefined) return `${path} must be ${this.expectation}, not missing`;
    const problem = problemOfJson(value, MOST_NESTING);
    return problem === undefined ? undefined : `${path} ${problem}`;
  },
};

function problemOfJson(value: unknown, depth: number): string | undefined {
  if (value === Infinity || value === -Infinity) return "holds a number that is too large";
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === 0) return `nests more than ${MOST_NESTING} deep`;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    const problem = problemOfJson(part, depth - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A string. */
export const string: Schema<string> = test("a string", (value) => typeof value === "string");
/** An integer that a `number` holds exactly (|x| < 2⁵³). */
export const integer: Schema<number> = test("an integer", Number.isSafeInteger);
/** An integer from 0 to 2⁵³−1. */
export const natural: Schema<number> = test(
  "an integer from 0",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
/** Any finite number. */
export const number: Schema<number> = test("a number", Number.isFinite);
/** True or false. */
export const boolean: Schema<boolean> = test("a boolean", (value) => typeof value === "boolean");

/** Exactly this value. */
export function literal<const T extends string | number | boolean | null>(value: T): Schema<T> {
  return test(JSON.stringify(value), (other) => other === value);
}

/** An array of any length. */
export function array<T>(item: Schema<T>): Schema<T[]> {
  return {
    expectation: `an array of ${item.expectation}`,
    problem(value, path) {
      if (!Array.isArray(value)) return `${path} must be ${this.expectation}, not ${show(value)}`;
      for (let index = 0; index < value.length; index++) {
        const problem = item.problem(value[index], `${path}[${index}]`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** An array of just these items. */
export function tuple<const S extends readonly Schema<unknown>[]>(
  ...items: S
): Schema<{ -readonly [K in keyof S]: Described<S[K]> }> {
  return {
    expectation: `[${items.map((item) => item.expectation).join(", ")}]`,
    problem(value, path) {
      if (!Array.isArray(value) || value.length !== items.length) {
        return `${path} must be ${this.expectation}, not ${show(value)}`;
      }
      for (const [index, item] of items.entries()) {
        const problem = item.problem(value[index], `${path}[${index}]`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** An object whose keys are data, with values of one kind. */
export function record<T>(item: Schema<T>): Schema<{ [key: string]: T }> {
  return {
    expectation: `an object of ${item.expectation} by key`,
    problem(value, path) {
      if (!isJsonObject(value)) return `${path} must be ${this.expectation}, not ${show(value)}`;
      for (const key of Object.keys(value)) {
        const problem = item.problem(value[key], `${path}[${JSON.stringify(key)}]`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** A field that may be left out. */
export function optional<T>(item: Schema<T>): Schema<T | undefined> {
  return {
    expectation: `${item.expectation} or nothing`,
    problem: (value, path) => value === undefined ? undefined : item.problem(value, path),
  };
}

/** A value that one of these describes. */
export function either<const S extends readonly Schema<unknown>[]>(
  ...choices: S
): Schema<Described<S[number]>> {
  return test(
    choices.map((choice) => choice.expectation).join(" or "),
    (value) => choices.some((choice) => choice.problem(value, "") === undefined),
  );
}

/**
 * An object with these fields. Others are let pass, as a node should, unless `closed`: Maelstrom's
 * workloads refuse replies with fields they do not know.
 */
export function object<F extends Fields>(
  fields: F,
  options: { readonly closed?: boolean } = {},
): Schema<DescribedFields<F>> {
  const names = Object.keys(fields);
  return {
    expectation: `{${
      names.map((name) => `${name}: ${(fields[name] as Schema<unknown>).expectation}`).join(", ")
    }}`,
    problem(value, path) {
      if (!isJsonObject(value)) return `${path} must be ${this.expectation}, not ${show(value)}`;
      for (const name of names) {
        const problem = (fields[name] as Schema<unknown>).problem(value[name], `${path}.${name}`);
        if (problem !== undefined) return problem;
      }
      if (!options.closed) return undefined;
      const stranger = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
      return stranger === undefined ? undefined : `${path} must not have a field '${stranger}'`;
    },
  };
}
