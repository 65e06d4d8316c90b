/**
 * The journal, as in Maelstrom: the send and receive event of every message.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject, stringifyJson } from "../base/mod.ts";
import {
  Continuations,
  elementsFrom,
  MIN_CONTINUED_ELEMENTS,
  type SharedList,
  SharedLists,
} from "../history/mod.ts";
import type { RawMessage } from "../wire/mod.ts";

/** A message was sent or received. */
export interface JournalEvent {
  /** Whether the message was sent or received. */
  readonly type: "send" | "recv";
  /** Nanoseconds since the test began. */
  readonly time: number;
  /** The network's number of the message, from 0. A duplicate has the number of its original. */
  readonly id: number;
  /** The message. */
  readonly message: RawMessage;
}

/** Records an event when it happens. */
export type Journal = (event: JournalEvent) => void;

/** Returns an event as one line with the whole message, without the newline. */
export function encodeJournalEvent({ type, time, id, message }: JournalEvent): string {
  return stringifyJson({ type, time, id, ...message });
}

/**
 * Encodes events as lines of `messages.jsonl`.
 *
 * The reads of a large set would fill the disk: a list of a body that begins as the list of an
 * earlier message is written as `{"first":n,"of":id,"then":[…]}`: the first n elements of the list
 * in the message with that id, then the others.
 */
export class JournalEncoder {
  readonly #lists = new SharedLists();
  readonly #continuations = new Continuations();
  /** The shared lists of messages in flight, which are encoded a second time when they arrive. */
  readonly #shared = new WeakMap<readonly Json[], SharedList>();

  /** Returns an event as one line, without the newline. */
  encode(event: JournalEvent): string {
    const { message } = event;
    const { body } = message;
    const names = isJsonObject(body) ? Object.keys(body).filter((name) => isLong(body[name])) : [];
    if (names.length === 0) return encodeJournalEvent(event);
    const short = { ...body as JsonObject };
    for (const name of names) short[name] = this.#shorten(event, short[name] as Json[]);
    return encodeJournalEvent({ ...event, message: { ...message, body: short } });
  }

  #shorten({ id, message: { src } }: JournalEvent, list: Json[]): Json {
    const shared = this.#shared.get(list) ?? this.#lists.share(list, src);
    if (shared === undefined) return list;
    this.#shared.set(list, shared);
    const beginning = this.#continuations.add(id, shared);
    if (beginning === undefined) return list;
    return { ...beginning, then: elementsFrom(shared, beginning.first) as Json[] };
  }
}

function isLong(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length >= MIN_CONTINUED_ELEMENTS;
}
