/**
 * Converts results to plain JSON, for `results.json`.
 *
 * @module
 */

import { canonicalJson, Double } from "../base/mod.ts";
import { isOperation, operationRecord } from "../history/mod.ts";

/**
 * Converts a verdict, or a part of one, to plain JSON: a `Set` becomes an array, an operation its
 * record, a `Map` an object. If a `Map` has a key that is not a string, all its keys are written as
 * JSON: `0.5`, `"a"`.
 */
export function plainResults(value: unknown): unknown {
  if (value === null || typeof value !== "object" || value instanceof Double) return value;
  if (Array.isArray(value)) return value.map(plainResults);
  if (value instanceof Set) return [...value].map(plainResults);
  if (value instanceof Map) return plainMap(value);
  if (isOperation(value)) return operationRecord(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, plainResults(member)]),
  );
}

function plainMap(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  const onlyStrings = [...map.keys()].every((key) => typeof key === "string");
  return Object.fromEntries(
    [...map].map(([key, member]) => [
      onlyStrings ? key as string : canonicalJson(key),
      plainResults(member),
    ]),
  );
}
