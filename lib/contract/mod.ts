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
 * Each contract's type has the values of the fields; the schemas that check them follow.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import type { Schema, SchemasOf } from "../wire/mod.ts";
import {
  array,
  either,
  integer,
  json,
  literal,
  natural,
  record,
  string,
  tuple,
} from "../wire/schema.ts";
import { type ContractOf, defineContract } from "./define.ts";

export type { Json } from "../base/mod.ts";
export type { Fields, Infer, Schema, SchemasOf } from "../wire/mod.ts";
export {
  type Contract,
  type ContractOf,
  defineContract,
  type Definitions,
  type Endpoint,
  type FieldValues,
  type Flat,
  type ReplyOf,
  type RequestOf,
} from "./define.ts";

/** A request type: the fields of its request, and those of its reply. */
export interface Rpc<Q, R> {
  /** The schemas of the request's fields. */
  readonly request: SchemasOf<Q>;
  /** The schemas of the reply's fields. */
  readonly reply: SchemasOf<R>;
}

/** No fields. */
export type NoFields = Record<never, never>;

/** `echo`: a node returns the payload that it received. */
export const echo: ContractOf<{
  /** Returns the payload unchanged. */
  readonly echo: Rpc<{ echo: Json }, { echo: Json }>;
}> = defineContract({
  echo: { request: { echo: json }, reply: { echo: json } },
});

/** `unique-ids`: nodes generate ids that are unique in the whole cluster. */
export const uniqueIds: ContractOf<{
  /** Generates an id. No other request to any node may ever receive an equal id. */
  readonly generate: Rpc<NoFields, { id: Json }>;
}> = defineContract({
  generate: { request: {}, reply: { id: json } },
});

/** `broadcast`: a value sent to one node is eventually read from all nodes. */
export const broadcast: ContractOf<{
  /**
   * Suggests to each node its neighbours, as node ids by node id. Every node receives the request
   * once, before the first operation. A node may ignore the suggestion.
   */
  readonly topology: Rpc<{ topology: { [node: string]: string[] } }, NoFields>;
  /** Adds a value, which every node must eventually return from `read`. Values are unique. */
  readonly broadcast: Rpc<{ message: Json }, NoFields>;
  /** Returns all values that the node has received, in any order. */
  readonly read: Rpc<NoFields, { messages: Json[] }>;
}> = defineContract({
  topology: { request: { topology: record(array(string)) }, reply: {} },
  broadcast: { request: { message: json }, reply: {} },
  read: { request: {}, reply: { messages: array(json) } },
});

/** `g-set`: a grow-only set. */
export const gSet: ContractOf<{
  /** Adds an element to the set. */
  readonly add: Rpc<{ element: Json }, NoFields>;
  /** Returns all elements that the node has received, in any order. */
  readonly read: Rpc<NoFields, { value: Json[] }>;
}> = defineContract({
  add: { request: { element: json }, reply: {} },
  read: { request: {}, reply: { value: array(json) } },
});

/** An integer that both ends hold exactly. */
const delta: Schema<number> = {
  expectation: "an integer from -(2^53 - 1) to 2^53 - 1",
  problem(value, path) {
    return integer.problem(value, path)?.replace(integer.expectation, this.expectation);
  },
};

/** The requests of a counter. */
export type CounterRpcs = {
  /** Adds to the counter. A negative delta subtracts; a node of a g-counter refuses it. */
  readonly add: Rpc<{ delta: number }, NoFields>;
  /** Returns the sum of all additions that the node has received. */
  readonly read: Rpc<NoFields, { value: number }>;
};

const counter: CounterRpcs = {
  add: { request: { delta }, reply: {} },
  read: { request: {}, reply: { value: integer } },
};

/** `g-counter`: a counter that only grows. */
export const gCounter: ContractOf<CounterRpcs> = defineContract(counter);

/** `pn-counter`: a counter that grows and shrinks. */
export const pnCounter: ContractOf<CounterRpcs> = defineContract(counter);

/** Offsets by key. */
export type Offsets = { [key: string]: number };

/** `kafka`: append-only logs, one for each key. Offsets grow along a log and may have gaps. */
export const kafka: ContractOf<{
  /** Appends a message to a key's log. Returns the message's offset, which is unique in the log. */
  readonly send: Rpc<{ key: string; msg: Json }, { offset: number }>;
  /**
   * Returns messages of some logs as `[offset, message]` pairs, in order of offset. `offsets` has
   * for each log the lowest offset to return. The node chooses how many messages it returns, but it
   * must not skip any.
   */
  readonly poll: Rpc<{ offsets: Offsets }, { msgs: { [key: string]: [number, Json][] } }>;
  /** Reports that a consumer has processed some logs up to and including these offsets. */
  readonly commit_offsets: Rpc<{ offsets: Offsets }, NoFields>;
  /** Returns the highest committed offset of each of these keys. A key without one is left out. */
  readonly list_committed_offsets: Rpc<{ keys: string[] }, { offsets: Offsets }>;
}> = defineContract({
  send: { request: { key: string, msg: json }, reply: { offset: natural } },
  poll: {
    request: { offsets: record(natural) },
    reply: { msgs: record(array(tuple(natural, json))) },
  },
  commit_offsets: { request: { offsets: record(natural) }, reply: {} },
  list_committed_offsets: {
    request: { keys: array(string) },
    reply: { offsets: record(natural) },
  },
});

/** `lin-kv`: a key-value store. Each key is a linearizable register. */
export const linKv: ContractOf<{
  /** Returns a key's value. Fails with error 20 when the key does not exist. */
  readonly read: Rpc<{ key: Json }, { value: Json }>;
  /** Sets a key's value, and creates the key if it does not exist. */
  readonly write: Rpc<{ key: Json; value: Json }, NoFields>;
  /**
   * Sets a key's value to `to` if it is `from` (compare-and-set). Fails with error 20 when the key
   * does not exist, and with error 22 when its value is not `from`.
   */
  readonly cas: Rpc<{ key: Json; from: Json; to: Json }, NoFields>;
}> = defineContract({
  read: { request: { key: json }, reply: { value: json } },
  write: { request: { key: json, value: json }, reply: {} },
  cas: { request: { key: json, from: json, to: json }, reply: {} },
});

/** A step of a transaction that reads a key. A client sends null; the node fills in the value. */
export type ReadStep<V> = ["r", key: Json, value: V];

/** `txn-list-append`: transactions that read lists and append elements to them. */
export const txnListAppend: ContractOf<{
  /**
   * Runs micro-operations as one transaction and returns them with their reads filled in: `["r",
   * key, null]` reads a key's list, `["append", key, element]` appends to it. A read of a key
   * without elements may return null.
   */
  readonly txn: Rpc<
    { txn: (ReadStep<Json> | ["append", key: Json, element: Json])[] },
    { txn: (ReadStep<Json[] | null> | ["append", key: Json, element: Json])[] }
  >;
}> = defineContract({
  txn: {
    request: { txn: array(microOperation("append", json)) },
    reply: { txn: array(microOperation("append", either(array(json), literal(null)))) },
  },
});

/** `txn-rw-register`: transactions that read and write registers. */
export const txnRwRegister: ContractOf<{
  /**
   * Runs micro-operations as one transaction and returns them with their reads filled in: `["r",
   * key, null]` reads a key's value, `["w", key, value]` sets it. A read of a key that was never
   * written returns null.
   */
  readonly txn: Rpc<
    { txn: (ReadStep<Json> | ["w", key: Json, value: Json])[] },
    { txn: (ReadStep<Json> | ["w", key: Json, value: Json])[] }
  >;
}> = defineContract({
  txn: {
    request: { txn: array(microOperation("w", json)) },
    reply: { txn: array(microOperation("w", json)) },
  },
});

/**
 * Changes of a cluster's membership. Not a workload's: the fault `membership` of the workbench sends
 * these requests, each to one node after another until a node replies without an error. A node that
 * is asked for a change that is already done replies `ok`.
 *
 * All nodes of `init` are members when a cluster starts for the first time. A removed node keeps
 * running, and clients still send requests to it, which it forwards to a member.
 */
export const membership: ContractOf<{
  /** Makes a node a member. The reply means that the cluster has the new membership. */
  readonly add_member: Rpc<{ node: string }, NoFields>;
  /** Removes a member. The reply means that the cluster has the new membership. */
  readonly remove_member: Rpc<{ node: string }, NoFields>;
}> = defineContract({
  add_member: { request: { node: string }, reply: {} },
  remove_member: { request: { node: string }, reply: {} },
});

/**
 * A step of a transaction: function, key and value. `read` describes the value of a read: clients
 * send null, and nodes ignore what they send.
 */
function microOperation<const W extends string, V extends Json>(
  write: W,
  read: Schema<V>,
): Schema<ReadStep<V> | [W, key: Json, value: Json]> {
  return either(tuple(literal("r"), json, read), tuple(literal(write), json, json));
}
