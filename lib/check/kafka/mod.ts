/**
 * The checker of the `kafka` workload, and the time series of its two plots.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import { readCompletions } from "./completion.ts";
import { type PollLag, pollLags } from "./realtime_lag.ts";
import { type UnseenChange, unseenChanges } from "./unseen.ts";

export { type AnomalyCase } from "./anomaly.ts";
export { checkKafka, type KafkaOptions, type KafkaVerdict } from "./check_kafka.ts";
export { type PollLag } from "./realtime_lag.ts";
export { type Unseen, type UnseenChange } from "./unseen.ts";

/** Returns the number of each key's acknowledged but unpolled messages, over time. */
export function unseenOverTime(history: History): readonly UnseenChange[] {
  return unseenChanges(readCompletions(history));
}

/** Returns the maximum lag of each ok poll over its keys. */
export function realtimeLag(history: History): readonly PollLag[] {
  return pollLags(readCompletions(history));
}
