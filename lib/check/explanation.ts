/**
 * What a verdict rests on: each anomaly with the operations that prove it, as data first and then
 * in a sentence for people.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { Operation } from "../history/mod.ts";

/** One anomaly: its type, a sentence, and whatever proves it (mostly operations). */
export interface Explanation {
  readonly type: string;
  readonly message: string;
  readonly [key: string]: unknown;
}

/** How many anomalies of one type a result explains; it counts them all. */
export const MAX_EXPLANATIONS_PER_TYPE = 8;

/** An operation in a sentence: `operation 7 (read of process 3)`. */
export function describeOperation(operation: Operation): string {
  return `operation ${operation.index} (${operation.f} of process ${operation.process})`;
}

/** The text with a capital letter, as sentences begin. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value in a sentence: its JSON, cut short where it is long. */
export function describeValue(value: unknown): string {
  const text = stringifyJson(value) ?? "nothing";
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
