/**
 * Cases of anomalies in logs, with the operations that prove them, as data and as a sentence.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";

/** One case of an anomaly. Fields other than `message` have Maelstrom's names. */
export interface AnomalyCase {
  /** Describes the case in a sentence. */
  readonly message: string;
  /** The evidence under Jepsen's names: the key, offsets, values and operations. */
  readonly [field: string]: unknown;
}

/** Lists values in a sentence: `3`, `3 and 4`, `3, 4 and 5`, `3, 4, 5, 6, 7 and 17 more`. */
export function listValues(values: readonly unknown[]): string {
  if (values.length > 6) {
    return `${values.slice(0, 5).map(describeValue).join(", ")} and ${values.length - 5} more`;
  }
  const texts = values.map(describeValue);
  const last = texts.pop() ?? "nothing";
  return texts.length === 0 ? last : `${texts.join(", ")} and ${last}`;
}
