/**
 * The evidence for a verdict: each anomaly with the operations that prove it, both as data and as a
 * sentence.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { Operation } from "../history/mod.ts";

/** One anomaly: its type, a sentence, and its evidence (mostly operations). */
export interface Explanation {
  /** The anomaly's type, such as `lost`. */
  readonly type: string;
  /** What happened, in sentences that name the operations. */
  readonly message: string;
  /** Further evidence, by name. */
  readonly [key: string]: unknown;
}

/** The maximum number of anomalies of one type that a verdict explains. All are counted. */
export const MAX_EXPLANATIONS_PER_TYPE = 8;

/** Describes an operation: `operation 7 (read of process 3)`. */
export function describeOperation(operation: Operation): string {
  return `operation ${operation.index} (${operation.f} of process ${operation.process})`;
}

/** Returns the text with its first letter in upper case. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Describes a value: its JSON, truncated to 80 characters. */
export function describeValue(value: unknown): string {
  const text = stringifyJson(value) ?? "nothing";
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
