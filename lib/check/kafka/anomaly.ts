/**
 * What the checks of a log find: cases of an anomaly, with the operations that prove them as data
 * and a sentence for people.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";

/** One case of an anomaly. Its other fields have Maelstrom's names. */
export interface AnomalyCase {
  /** What is wrong, in a sentence. */
  readonly message: string;
  readonly [field: string]: unknown;
}

/** `3`, `3 and 4`, `3, 4 and 5`, `3, 4, 5 and 17 more`. */
export function listed(values: readonly unknown[]): string {
  if (values.length > 6) {
    return `${values.slice(0, 5).map(describeValue).join(", ")} and ${values.length - 5} more`;
  }
  const texts = values.map(describeValue);
  const last = texts.pop() ?? "nothing";
  return texts.length === 0 ? last : `${texts.join(", ")} and ${last}`;
}
