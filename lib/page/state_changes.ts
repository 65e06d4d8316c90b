/**
 * The changes of the states that simulated nodes expose, as the page shows them.
 *
 * @module
 */

import type { StateChange } from "../workbench/sim/state_log.ts";
import type { DrawnMessage } from "./run_data.ts";

/** A change of a node's state. */
export interface ShownChange {
  readonly node: string;
  /** Milliseconds since the test began: when the node received the message before the change. */
  readonly ms: number;
  /** The last message that the node had received. */
  readonly message: DrawnMessage | undefined;
  /** What changed, such as `values + 3`. */
  readonly changes: readonly string[];
}

/** Reads the lines of `states.jsonl`. */
export function readStateChanges(text: string, messages: readonly DrawnMessage[]): ShownChange[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const { node, time, id, changes } = JSON.parse(line) as StateChange;
    return { node, changes, ms: time / 1e6, message: id === undefined ? undefined : byId.get(id) };
  });
}
