/**
 * The journal, as in Maelstrom: the send and receive event of every message.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { RawMessage } from "../wire/mod.ts";

/** A message was sent or received. */
export interface JournalEvent {
  readonly type: "send" | "recv";
  /** Nanoseconds since the test began. */
  readonly time: number;
  /** The network's number of the message, from 0. A duplicate has the number of its original. */
  readonly id: number;
  readonly message: RawMessage;
}

/** Records an event when it happens. */
export type Journal = (event: JournalEvent) => void;

/** Returns an event as one line of `messages.jsonl`, without the newline. */
export function encodeJournalEvent(event: JournalEvent): string {
  const { type, time, id, message } = event;
  return stringifyJson({ type, time, id, ...message });
}
