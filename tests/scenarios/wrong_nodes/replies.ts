/**
 * Wrong replies to the requests of each workload.
 *
 * @module
 */

import type { Json } from "../../../lib/base/mod.ts";
import { logReplies } from "./log_replies.ts";
import { transactionReplies } from "./transaction_replies.ts";
import { asFractions, withField, type WrongReply } from "./wrong_reply.ts";

const list = (value: Json) => value as Json[];

/** Wrong replies to reads of a set, whose elements are in a field. */
function setReplies(field: string, addition: string): WrongReply[] {
  const read = (name: string, change: (elements: Json[]) => Json | undefined): WrongReply => ({
    name,
    to: "read",
    reply: withField(field, (value) => change(list(value))),
  });
  return [
    read("returns the elements as strings", (elements) => elements.map(String)),
    read("returns the elements as 1.0", asFractions),
    read("returns an element twice", (elements) => [...elements, ...elements.slice(0, 1)]),
    read("returns an element that was never added", (elements) => [...elements, 999_999]),
    read("returns a negative element", (elements) => [...elements, -1]),
    read("returns an element beyond 2^53", (elements) => [...elements, 2n ** 64n]),
    read("returns null among the elements", (elements) => [...elements, null]),
    read("returns each element in a list", (elements) => elements.map((element) => [element])),
    { ...read("returns no elements after some", () => []), valid: true },
    { ...read("returns null instead of the elements after some", () => null), valid: true },
    read("returns an object of the elements", (elements) => ({ ...elements })),
    read("returns the number of elements", (elements) => elements.length),
    read("returns the elements as one string", (elements) => elements.join()),
    read("leaves the elements out", () => undefined),
    { name: "adds an unknown field", to: "read", reply: (reply) => ({ ...reply, count: 1 }) },
    {
      name: "acknowledges an addition without making it",
      to: addition,
      reply(reply, _request, service) {
        service.elements.pop();
        return reply;
      },
    },
    {
      name: "fails an addition that it made",
      to: addition,
      // As in Maelstrom, an error leaves the outcome of an addition to a g-set or a counter open.
      valid: addition === "add",
      reply: () => ({ type: "error", code: 11, text: "no" }),
    },
    {
      name: "replies to an addition with another type",
      to: addition,
      reply: () => ({ type: "ok" }),
    },
    {
      name: "returns the element with its acknowledgement",
      to: addition,
      reply: (reply, { message, element }) => ({ ...reply, value: message ?? element ?? null }),
    },
  ];
}

const counterReplies: readonly WrongReply[] = [
  { name: "returns the value as 1.0", to: "read", reply: withField("value", asFractions) },
  { name: "returns the value as a string", to: "read", reply: withField("value", String) },
  { name: "returns half of a number", to: "read", reply: withField("value", () => 0.5) },
  { name: "returns null", to: "read", reply: withField("value", () => null) },
  { name: "returns no value", to: "read", reply: withField("value", () => undefined) },
  {
    name: "returns a list with the value",
    to: "read",
    reply: withField("value", (value) => [value]),
  },
  { name: "returns true", to: "read", reply: withField("value", () => true) },
  {
    name: "returns one too many",
    to: "read",
    every: 1,
    reply: withField("value", (value) => (value as number) + 1),
  },
  {
    name: "returns an integer beyond 2^53",
    to: "read",
    reply: withField("value", () => 2n ** 53n + 1n),
  },
  {
    name: "returns the value under another name",
    to: "read",
    reply: ({ type, value }) => ({ type, counter: value ?? null }),
  },
  {
    name: "acknowledges an addition without making it",
    to: "add",
    reply(reply, { delta }, service) {
      service.sum -= delta as number;
      return reply;
    },
  },
  {
    name: "fails an addition that it made",
    to: "add",
    valid: true,
    reply: () => ({ type: "error", code: 11, text: "no" }),
  },
  {
    name: "makes an addition twice",
    to: "add",
    reply(reply, { delta }, service) {
      service.sum += delta as number;
      return reply;
    },
  },
  {
    name: "replies to an addition with another type",
    to: "add",
    reply: () => ({ type: "read_ok" }),
  },
];

const echoReplies: readonly WrongReply[] = [
  { name: "returns another text", to: "echo", reply: withField("echo", (text) => `${text}!`) },
  { name: "returns the text in a list", to: "echo", reply: withField("echo", (text) => [text]) },
  { name: "returns null", to: "echo", reply: withField("echo", () => null) },
  { name: "returns no text", to: "echo", reply: withField("echo", () => undefined) },
  {
    name: "replies with the request's type",
    to: "echo",
    reply: (reply) => ({ ...reply, type: "echo" }),
  },
  { name: "adds an unknown field", to: "echo", reply: (reply) => ({ ...reply, extra: 1 }) },
  { name: "replies without a type", to: "echo", reply: ({ echo }) => ({ echo: echo ?? null }) },
  {
    name: "replies with a definite error",
    to: "echo",
    reply: () => ({ type: "error", code: 11, text: "no" }),
  },
];

const idReplies: readonly WrongReply[] = [
  { name: "returns the same integer", to: "generate", reply: withField("id", () => 7) },
  { name: "returns the same text", to: "generate", reply: withField("id", () => "seven") },
  { name: "returns the same list", to: "generate", reply: withField("id", () => [1, { a: 2 }]) },
  {
    name: "returns the same object, its keys in another order",
    to: "generate",
    every: 1,
    reply: (reply) => ({
      ...reply,
      id: (reply.id as number) % 2 === 0 ? { a: 1, b: 2 } : { b: 2, a: 1 },
    }),
  },
  { name: "returns null", to: "generate", reply: withField("id", () => null) },
  {
    name: "returns an id beyond 2^53 twice",
    to: "generate",
    every: 1,
    reply: withField("id", (id) => 2n ** 60n + BigInt(Math.floor(id as number / 2))),
  },
  {
    name: "returns ids beyond 2^53 that differ in the last digit",
    to: "generate",
    every: 1,
    valid: true,
    reply: withField("id", (id) => 2n ** 60n + BigInt(id as number)),
  },
  {
    name: "returns 1e3 and 1000.0",
    to: "generate",
    every: 1,
    reply: () => ({ type: "generate_ok", id: asFractions(1000) }),
  },
  {
    name: "returns each id once as 1, once as 1.0",
    to: "generate",
    every: 1,
    valid: true,
    reply: withField(
      "id",
      (id) => (id as number) % 2 === 0 ? (id as number) / 2 : asFractions(((id as number) - 1) / 2),
    ),
  },
  {
    name: 'returns each id once as 1, once as "1"',
    to: "generate",
    every: 1,
    valid: true,
    reply: withField(
      "id",
      (id) => (id as number) % 2 === 0 ? (id as number) / 2 : String(((id as number) - 1) / 2),
    ),
  },
  { name: "returns no id", to: "generate", reply: withField("id", () => undefined) },
  { name: "adds an unknown field", to: "generate", reply: (reply) => ({ ...reply, node: "n0" }) },
];

const registerReplies: readonly WrongReply[] = [
  {
    name: "returns the value as a string",
    to: "read",
    reply: (reply) => reply.type === "error" ? reply : { ...reply, value: String(reply.value) },
  },
  {
    name: "returns the value as 1.0",
    to: "read",
    reply: (reply) =>
      reply.type === "error" ? reply : { ...reply, value: asFractions(reply.value) },
  },
  {
    name: "returns a value that was never written",
    to: "read",
    reply: (reply) => ({ type: "read_ok", value: 77 + (reply.code === undefined ? 0 : 1) }),
  },
  {
    name: "returns null after a write",
    to: "read",
    reply: () => ({ type: "read_ok", value: null }),
  },
  {
    name: "returns the value in a list",
    to: "read",
    reply: (reply) => reply.type === "error" ? reply : { ...reply, value: [reply.value ?? null] },
  },
  { name: "returns no value", to: "read", reply: () => ({ type: "read_ok" }) },
  {
    name: 'returns a value in the error "no such key"',
    to: "read",
    reply: () => ({ type: "error", code: 20, text: "no such key" }),
  },
  {
    name: "returns the value beside the key",
    to: "read",
    reply: (reply, { key }) => ({ ...reply, key: key ?? null }),
  },
  {
    name: "acknowledges a write without making it",
    to: "write",
    reply: (reply, { key }, service) => {
      service.registers.set(JSON.stringify(key), 99);
      return reply;
    },
  },
  {
    name: "fails a write that it made",
    to: "write",
    reply: () => ({ type: "error", code: 11, text: "no" }),
  },
  {
    name: "says that a failed compare-and-set succeeded",
    to: "cas",
    reply: () => ({ type: "cas_ok" }),
  },
  {
    name: "says that a made compare-and-set failed",
    to: "cas",
    every: 1,
    reply: () => ({ type: "error", code: 22, text: "no" }),
  },
  {
    name: "fails a compare-and-set that it could make",
    to: "cas",
    reply(reply, { key, from }, service) {
      if (reply.type === "cas_ok") service.registers.set(JSON.stringify(key), from ?? null);
      return { type: "error", code: 22, text: "no" };
    },
  },
  {
    name: 'returns the error "no such key" for a value that another one replaced',
    to: "cas",
    reply: (reply) => reply.type === "error" ? { ...reply, code: 20 } : reply,
  },
  { name: "replies to a write with another type", to: "write", reply: () => ({ type: "ok" }) },
  {
    name: "replies with an error whose code is a string",
    to: "write",
    reply: () => ({ type: "error", code: "11" as Json, text: "no" }),
  },
  {
    name: "replies with an error without a code",
    to: "write",
    reply: () => ({ type: "error", text: "no" }),
  },
];

/** The wrong replies of each workload. */
export const WRONG_REPLIES: Readonly<Record<string, readonly WrongReply[]>> = {
  echo: echoReplies,
  "unique-ids": idReplies,
  broadcast: setReplies("messages", "broadcast"),
  "g-set": setReplies("value", "add"),
  "g-counter": counterReplies,
  "pn-counter": counterReplies,
  kafka: logReplies,
  "lin-kv": registerReplies,
  "txn-list-append": transactionReplies("append"),
  "txn-rw-register": transactionReplies("w"),
};
