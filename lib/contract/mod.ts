/**
 * The requests and replies of Maelstrom's ten workloads, from Maelstrom's `doc/workloads.md`. Nodes
 * and workloads both import them, so no field name is written twice.
 *
 * A reply here is what a node must send. Maelstrom's clients accept more in some replies, such as
 * null for an empty list; `lib/workload` lists these exceptions where it makes its clients.
 *
 * A node may answer every request with an error instead. An error is *definite* when the request
 * certainly had no effect; see `lib/wire/errors.ts`.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { type Schema, schema } from "../wire/mod.ts";
import { defineContract } from "./define.ts";

export {
  type Contract,
  type ContractOf,
  defineContract,
  type Endpoint,
  type FieldValues,
  type ReplyOf,
  type RequestOf,
} from "./define.ts";

const { array, either, integer, json, literal, natural, record, string, tuple } = schema;

/** `echo`: a node returns the payload that it received. */
export const echo = defineContract({
  /** Returns the payload unchanged. */
  echo: { request: { echo: json }, reply: { echo: json } },
});

/** `unique-ids`: nodes generate ids that are unique in the whole cluster. */
export const uniqueIds = defineContract({
  /** Generates an id. No other request to any node may ever receive an equal id. */
  generate: { request: {}, reply: { id: json } },
});

/** `broadcast`: a value sent to one node is eventually read from all nodes. */
export const broadcast = defineContract({
  /**
   * Suggests to each node its neighbours, as node ids by node id. Every node receives the request
   * once, before the first operation. A node may ignore the suggestion.
   */
  topology: { request: { topology: record(array(string)) }, reply: {} },
  /** Adds a value, which every node must eventually return from `read`. Values are unique. */
  broadcast: { request: { message: json }, reply: {} },
  /** Returns all values that the node has received, in any order. */
  read: { request: {}, reply: { messages: array(json) } },
});

/** `g-set`: a grow-only set. */
export const gSet = defineContract({
  /** Adds an element to the set. */
  add: { request: { element: json }, reply: {} },
  /** Returns all elements that the node has received, in any order. */
  read: { request: {}, reply: { value: array(json) } },
});

/** An integer that both ends hold exactly. */
const delta: Schema<number> = {
  expectation: "an integer from -(2^53 - 1) to 2^53 - 1",
  problem(value, path) {
    return integer.problem(value, path)?.replace(integer.expectation, this.expectation);
  },
};

const counter = {
  /** Adds to the counter. A negative delta subtracts; a node of a g-counter refuses it. */
  add: { request: { delta }, reply: {} },
  /** Returns the sum of all additions that the node has received. */
  read: { request: {}, reply: { value: integer } },
};

/** `g-counter`: a counter that only grows. */
export const gCounter = defineContract(counter);

/** `pn-counter`: a counter that grows and shrinks. */
export const pnCounter = defineContract(counter);

/** `kafka`: append-only logs, one for each key. Offsets grow along a log and may have gaps. */
export const kafka = defineContract({
  /** Appends a message to a key's log. Returns the message's offset, which is unique in the log. */
  send: { request: { key: string, msg: json }, reply: { offset: natural } },
  /**
   * Returns messages of some logs as `[offset, message]` pairs, in order of offset. `offsets` has
   * for each log the lowest offset to return. The node chooses how many messages it returns, but it
   * must not skip any.
   */
  poll: {
    request: { offsets: record(natural) },
    reply: { msgs: record(array(tuple(natural, json))) },
  },
  /** Reports that a consumer has processed some logs up to and including these offsets. */
  commit_offsets: { request: { offsets: record(natural) }, reply: {} },
  /** Returns the highest committed offset of each of these keys. A key without one is left out. */
  list_committed_offsets: {
    request: { keys: array(string) },
    reply: { offsets: record(natural) },
  },
});

/** `lin-kv`: a key-value store. Each key is a linearizable register. */
export const linKv = defineContract({
  /** Returns a key's value. Fails with error 20 when the key does not exist. */
  read: { request: { key: json }, reply: { value: json } },
  /** Sets a key's value, and creates the key if it does not exist. */
  write: { request: { key: json, value: json }, reply: {} },
  /**
   * Sets a key's value to `to` if it is `from` (compare-and-set). Fails with error 20 when the key
   * does not exist, and with error 22 when its value is not `from`.
   */
  cas: { request: { key: json, from: json, to: json }, reply: {} },
});

/** `txn-list-append`: transactions that read lists and append elements to them. */
export const txnListAppend = defineContract({
  /**
   * Runs micro-operations as one transaction and returns them with their reads filled in: `["r",
   * key, null]` reads a key's list, `["append", key, element]` appends to it. A read of a key
   * without elements may return null.
   */
  txn: {
    request: { txn: array(microOperation("append", json)) },
    reply: { txn: array(microOperation("append", either(array(json), literal(null)))) },
  },
});

/** `txn-rw-register`: transactions that read and write registers. */
export const txnRwRegister = defineContract({
  /**
   * Runs micro-operations as one transaction and returns them with their reads filled in: `["r",
   * key, null]` reads a key's value, `["w", key, value]` sets it. A read of a key that was never
   * written returns null.
   */
  txn: {
    request: { txn: array(microOperation("w", json)) },
    reply: { txn: array(microOperation("w", json)) },
  },
});

/**
 * A step of a transaction: function, key and value. `read` describes the value of a read: clients
 * send null, and nodes ignore what they send.
 */
function microOperation<const W extends string, V extends Json>(write: W, read: Schema<V>) {
  return either(tuple(literal("r"), json, read), tuple(literal(write), json, json));
}
