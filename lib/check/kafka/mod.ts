/**
 * The checker of the `kafka` workload, and the two series that its plots show.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import { readCompletions } from "./completion.ts";
import { type PollLag, pollLags } from "./realtime_lag.ts";
import { followUnseen, type UnseenChange } from "./unseen.ts";

export { type AnomalyCase } from "./anomaly.ts";
export { checkKafka, type KafkaOptions } from "./check_kafka.ts";
export { type PollLag } from "./realtime_lag.ts";
export { type Unseen, type UnseenChange } from "./unseen.ts";

/** How many messages of each key were acknowledged but not polled, as it changes over time. */
export function unseenOverTime(history: History): readonly UnseenChange[] {
  return followUnseen(readCompletions(history)).changes;
}

/** How far behind its furthest key each successful poll was. */
export function realtimeLag(history: History): readonly PollLag[] {
  return pollLags(readCompletions(history));
}
