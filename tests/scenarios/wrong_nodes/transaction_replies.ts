/**
 * Wrong replies to transactions.
 *
 * @module
 */

import type { Json } from "../../../lib/base/mod.ts";
import { asFractions, type WrongReply } from "./wrong_reply.ts";

type Access = [f: Json, key: Json, value: Json];

/** The wrong replies to transactions whose writes are the function `write`. */
export function transactionReplies(write: "append" | "w"): WrongReply[] {
  const txn = (name: string, change: (accesses: Access[]) => Json | undefined): WrongReply => ({
    name,
    to: "txn",
    reply(reply) {
      const changed = change(reply.txn as Access[]);
      return changed === undefined ? { type: reply.type } : { type: reply.type, txn: changed };
    },
  });
  const mapReads = (name: string, change: (access: Access) => Json) =>
    txn(name, (accesses) => accesses.map((access) => access[0] === "r" ? change(access) : access));
  const mapWrites = (name: string, change: (access: Access) => Json) =>
    txn(name, (accesses) => accesses.map((access) => access[0] === "r" ? access : change(access)));
  return [
    txn("returns an empty transaction", () => []),
    txn("returns no transaction", () => undefined),
    txn("returns null", () => null),
    txn("leaves the reads out", (accesses) => accesses.filter(([f]) => f !== "r")),
    txn("leaves the writes out", (accesses) => accesses.filter(([f]) => f === "r")),
    txn("leaves the last micro-operation out", (accesses) => accesses.slice(0, -1)),
    txn("adds a read", (accesses) => [...accesses, ["r", 999, null]]),
    txn("adds a write", (accesses) => [...accesses, [write, 999, 1]]),
    txn("repeats the first micro-operation", (accesses) => [...accesses.slice(0, 1), ...accesses]),
    txn("reverses the micro-operations", (accesses) => [...accesses].reverse()),
    mapReads("reads another key", ([f, key, value]) => [f, (key as number) + 1, value]),
    mapReads("returns keys of reads as strings", ([f, key, value]) => [f, String(key), value]),
    mapReads("returns keys of reads as 1.0", ([f, key, value]) => [f, asFractions(key), value]),
    mapReads("returns reads as writes", ([, key, value]) => [write, key, value]),
    mapReads("returns reads without a value", ([f, key]) => [f, key]),
    mapReads("returns reads with a fourth item", (access) => [...access, 1]),
    mapReads("returns reads without a function", ([, key, value]) => [null, key, value]),
    mapReads("returns reads with another function", ([, key, value]) => ["read", key, value]),
    mapReads("returns all reads as null", ([f, key]) => [f, key, null]),
    mapReads("returns read values as strings", ([f, key, value]) => [f, key, asStrings(value)]),
    mapReads("returns read values as 1.0", ([f, key, value]) => [f, key, asFractions(value)]),
    mapReads("reads a value that was never written", ([f, key, value]) => [f, key, phantom(value)]),
    mapReads("reads an object", ([f, key, value]) => [f, key, { value }]),
    mapReads("returns micro-operations as objects", ([f, key, value]) => ({ f, key, value })),
    mapWrites("returns another written value", ([f, key, value]) => [
      f,
      key,
      (value as number) + 1_000_000,
    ]),
    mapWrites("returns written values as strings", ([f, key, value]) => [f, key, String(value)]),
    mapWrites("returns written values as 1.0", ([f, key, value]) => [f, key, asFractions(value)]),
    mapWrites(
      "returns writes of another key",
      ([f, key, value]) => [f, (key as number) + 1, value],
    ),
    mapWrites("returns writes as reads", ([, key, value]) => ["r", key, value]),
    mapWrites("returns null as the written value", ([f, key]) => [f, key, null]),
    { name: "adds an unknown field", to: "txn", reply: (reply) => ({ ...reply, committed: true }) },
    {
      name: "fails a transaction that it made",
      to: "txn",
      reply: () => ({ type: "error", code: 30, text: "conflict" }),
    },
    {
      name: "acknowledges a transaction without making it",
      to: "txn",
      reply(reply, { txn }, service) {
        for (const [f, key] of txn as Access[]) {
          const name = JSON.stringify(key);
          if (f === "append") service.lists.set(name, (service.lists.get(name) ?? []).slice(0, -1));
          if (f === "w") service.registers.delete(name);
        }
        return reply;
      },
    },
  ];

  function asStrings(value: Json): Json {
    return Array.isArray(value) ? value.map(String) : value === null ? null : String(value);
  }

  function phantom(value: Json): Json {
    return write === "append" ? [...(value as Json[] ?? []), 888_888] : 888_888;
  }
}
