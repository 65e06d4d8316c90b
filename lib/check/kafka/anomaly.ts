/**
 * What the checks of a log find: cases of an anomaly, with the operations that prove them as data
 * and a sentence for people.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import type { Operation } from "../../history/mod.ts";

/** One case of an anomaly. Its other fields have Maelstrom's names. */
export interface AnomalyCase {
  /** What is wrong, in a sentence. */
  readonly explanation: string;
  readonly [field: string]: unknown;
}

/** `operation 547 (poll by process 3)`. */
export function describeOperation({ index, f, process }: Operation): string {
  return `operation ${index} (${f} by process ${process})`;
}

/** A message or a key as JSON. */
export function shown(value: unknown): string {
  return stringifyJson(value) ?? "nothing";
}

/** `3`, `3 and 4`, `3, 4 and 5`, `3, 4, 5 and 17 more`. */
export function listed(values: readonly unknown[]): string {
  if (values.length > 6) {
    return `${values.slice(0, 5).map(shown).join(", ")} and ${values.length - 5} more`;
  }
  const texts = values.map(shown);
  const last = texts.pop() ?? "nothing";
  return texts.length === 0 ? last : `${texts.join(", ")} and ${last}`;
}
