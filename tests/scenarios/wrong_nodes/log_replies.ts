/**
 * Wrong replies to the requests of kafka.
 *
 * @module
 */

import type { Json, JsonObject } from "../../../lib/base/mod.ts";
import { asFractions, withField, type WrongReply } from "./wrong_reply.ts";

type Entries = [offset: Json, message: Json][];

/** Changes the messages of each key of a poll. */
function poll(name: string, change: (entries: Entries, key: string) => Json): WrongReply {
  return {
    name,
    to: "poll",
    reply: withField("msgs", (msgs) =>
      Object.fromEntries(
        Object.entries(msgs as JsonObject).map((
          [key, entries],
        ) => [key, change(entries as Entries, key)]),
      )),
  };
}

const mapped = (name: string, change: (offset: Json, message: Json) => Json): WrongReply =>
  poll(name, (entries) => entries.map(([offset, message]) => change(offset, message)));

/** Returns a reply to `list_committed_offsets` with other offsets. */
const listed = (
  name: string,
  change: (offsets: JsonObject, keys: readonly string[]) => Json | undefined,
  valid = false,
): WrongReply => ({
  name,
  to: "list_committed_offsets",
  every: 1,
  valid,
  reply(reply, { keys }) {
    const offsets = change(reply.offsets as JsonObject, keys as string[]);
    return offsets === undefined ? { type: reply.type } : { type: reply.type, offsets };
  },
});

/** The wrong replies of kafka's nodes. */
export const logReplies: readonly WrongReply[] = [
  { name: "returns the offset as 1.0", to: "send", reply: withField("offset", asFractions) },
  { name: "returns the offset as a string", to: "send", reply: withField("offset", String) },
  { name: "returns a negative offset", to: "send", reply: withField("offset", () => -1) },
  { name: "returns no offset", to: "send", reply: withField("offset", () => undefined) },
  { name: "returns the same offset again", to: "send", reply: withField("offset", () => 0) },
  {
    name: "returns the next message's offset",
    to: "send",
    reply: withField("offset", (offset) => (offset as number) + 1),
  },
  {
    name: "returns the message with the offset",
    to: "send",
    reply: (reply, { msg }) => ({ ...reply, msg: msg ?? null }),
  },
  {
    name: "acknowledges a message without storing it",
    to: "send",
    reply(reply, { key }, service) {
      service.logs.get(key as string)?.pop();
      return reply;
    },
  },
  {
    name: "fails a send that it made",
    to: "send",
    reply: () => ({ type: "error", code: 11, text: "no" }),
  },
  mapped("polls offsets as 1.0", (offset, message) => [asFractions(offset), message]),
  mapped("polls offsets as strings", (offset, message) => [String(offset), message]),
  mapped("polls messages as 1.0", (offset, message) => [offset, asFractions(message)]),
  mapped("polls messages as strings", (offset, message) => [offset, String(message)]),
  mapped("polls messages that were never sent", (offset) => [offset, 777_777]),
  mapped("polls messages in objects", (offset, message) => ({ offset, message })),
  mapped("polls messages without offsets", (_offset, message) => message),
  mapped("polls messages with a time", (offset, message) => [offset, message, 1]),
  mapped("polls messages before offsets", (offset, message) => [message, offset]),
  mapped("polls the next message's offset", (offset, message) => [(offset as number) + 1, message]),
  poll("polls a message twice", (entries) => entries.flatMap((entry) => [entry, entry])),
  poll("polls in reverse order", (entries) => [...entries].reverse()),
  poll("skips the first message", (entries) => entries.slice(1)),
  poll("skips a message in between", (entries) => entries.filter((_, index) => index !== 1)),
  { ...poll("polls null for keys with messages", () => null), valid: true },
  { ...poll("polls nothing at all", () => []), every: 1 },
  {
    name: "polls from 0 instead of the requested offset",
    to: "poll",
    reply: (reply, { offsets }, service) => ({
      ...reply,
      msgs: Object.fromEntries(
        Object.keys(offsets as JsonObject).map((key) => [
          key,
          (service.logs.get(key) ?? []).map((message, offset): Json => [offset, message]),
        ]),
      ),
    }),
  },
  {
    name: "polls keys that were not requested",
    to: "poll",
    every: 1,
    reply: (reply, _request, service) => ({
      ...reply,
      msgs: Object.fromEntries(
        [...service.logs].map(([key, log]) => [
          key,
          log.map((message, offset): Json => [offset, message]),
        ]),
      ),
    }),
  },
  {
    name: "polls one key that was not requested",
    to: "poll",
    reply: (reply) => ({ ...reply, msgs: { ...(reply.msgs as JsonObject), other: [[0, 5]] } }),
  },
  {
    name: "polls no messages of a key that was not requested",
    to: "poll",
    valid: true,
    reply: (reply) => ({ ...reply, msgs: { ...(reply.msgs as JsonObject), other: [] } }),
  },
  { name: "polls a list of messages", to: "poll", reply: withField("msgs", () => []) },
  { name: "polls no msgs", to: "poll", reply: withField("msgs", () => undefined) },
  {
    name: "replies to a commit with offsets",
    to: "commit_offsets",
    reply: (reply, { offsets }) => ({ ...reply, offsets: offsets ?? null }),
  },
  {
    name: "acknowledges a commit without making it",
    to: "commit_offsets",
    every: 1,
    reply(reply, _request, service) {
      service.committed.clear();
      return reply;
    },
  },
  listed("lists offsets of keys that were not requested", (offsets) => ({ ...offsets, other: 3 })),
  listed(
    "lists offsets as 1.0",
    (offsets) =>
      Object.fromEntries(
        Object.entries(offsets).map(([key, offset]) => [key, asFractions(offset)]),
      ),
  ),
  listed(
    "lists offsets as strings",
    (offsets) =>
      Object.fromEntries(Object.entries(offsets).map(([key, offset]) => [key, String(offset)])),
  ),
  listed(
    "lists null for a key without a committed offset",
    (_offsets, keys) => Object.fromEntries(keys.map((key) => [key, null])),
  ),
  listed(
    "lists -1 for a key without a committed offset",
    (offsets, keys) => ({ ...Object.fromEntries(keys.map((key) => [key, -1])), ...offsets }),
    true,
  ),
  listed("lists no offsets at all", () => ({})),
  listed(
    "lists lower offsets than were committed",
    (offsets) => Object.fromEntries(Object.keys(offsets).map((key) => [key, 0])),
  ),
  listed(
    "lists higher offsets than were committed",
    (offsets) =>
      Object.fromEntries(
        Object.entries(offsets).map(([key, offset]) => [key, (offset as number) + 1000]),
      ),
  ),
  listed("lists offsets in a list", (offsets) => Object.entries(offsets)),
  listed("leaves the offsets out", () => undefined),
];
