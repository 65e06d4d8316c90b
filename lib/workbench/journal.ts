/**
 * The journal: every message as it is sent and as it is received.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { RawMessage } from "../wire/mod.ts";

/** One event of the network. */
export interface JournalEvent {
  readonly type: "send" | "recv";
  /** Nanoseconds since the test began. */
  readonly time: number;
  /** The network's own number of the message, from 0. A duplicate has its original's. */
  readonly id: number;
  readonly message: RawMessage;
}

/** Takes events as they happen. */
export type Journal = (event: JournalEvent) => void;

/** An event as one line of `messages.jsonl`, without its line end. */
export function encodeJournalEvent(event: JournalEvent): string {
  const { type, time, id, message } = event;
  return stringifyJson({ type, time, id, ...message });
}
