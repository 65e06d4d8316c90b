/**
 * The form of a contract: what a client sends to a node, and what the node replies. A contract is a
 * value, so both ends check messages with it, and a type, so the compiler checks the code of both.
 *
 * @module
 */

import type { Fields, Infer } from "../wire/mod.ts";

/** One request type of a workload and the reply that answers it. */
export interface Endpoint<
  T extends string = string,
  Q extends Fields = Fields,
  R extends Fields = Fields,
> {
  /** The request's type, such as `read`. The reply's type is the same with `_ok` appended. */
  readonly type: T;
  /** The fields of the request's body, without `type` and `msg_id`. */
  readonly request: Q;
  /** The fields that a node must send, without `type` and `in_reply_to`. */
  readonly reply: R;
}

/** The endpoints of a workload, by request type. */
export type Contract = Readonly<Record<string, Endpoint>>;

/** The fields of an endpoint's request. */
export type RequestOf<E extends Endpoint> = FieldValues<E["request"]>;

/** The fields of an endpoint's reply, as a node must send them. */
export type ReplyOf<E extends Endpoint> = FieldValues<E["reply"]>;

/** The values of some fields. A field whose schema allows `undefined` may be left out. */
export type FieldValues<F extends Fields> = Flat<
  & { [K in keyof F as undefined extends Infer<F[K]> ? never : K]: Infer<F[K]> }
  & { [K in keyof F as undefined extends Infer<F[K]> ? K : never]?: Infer<F[K]> }
>;

/** An intersection of object types as one object type, which the compiler's messages show whole. */
export type Flat<T> = { [K in keyof T]: T[K] };

/** The requests and replies from which {@link defineContract} makes endpoints. */
export type Definitions = Readonly<
  Record<string, { readonly request: Fields; readonly reply: Fields }>
>;

/** The contract made from definitions: each endpoint's type is its key. */
export type ContractOf<D extends Definitions> = {
  readonly [T in keyof D]: Endpoint<T & string, D[T]["request"], D[T]["reply"]>;
};

/**
 * Defines a contract: each key is a request type.
 *
 * @example The contract of a lock, and a node that serves it
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { defineContract } from "@gossip/workbench/contract";
 * import { defineNode, RpcError, schema } from "@gossip/workbench/node";
 * import { FakeNode } from "@gossip/workbench/testing";
 *
 * const lock = defineContract({
 *   acquire: { request: { client: schema.string }, reply: {} },
 *   holder: { request: {}, reply: { client: schema.string } },
 * });
 *
 * const node = new FakeNode(defineNode({ serves: lock }, () => {
 *   let holder = "";
 *   return {
 *     acquire({ client }) {
 *       if (holder !== "") throw new RpcError(22, `${holder} holds the lock`);
 *       holder = client;
 *       return {};
 *     },
 *     holder: () => ({ client: holder }),
 *   };
 * }));
 * await node.ask({ type: "acquire", client: "c1" });
 * equal((await node.ask({ type: "holder" }))?.client, "c1");
 * ```
 */
export function defineContract<const D extends Definitions>(definitions: D): ContractOf<D> {
  const endpoints = Object.entries(definitions).map(([type, { request, reply }]) =>
    [type, { type, request, reply }] as const
  );
  // The compiler does not follow keys through `Object.entries`.
  return Object.fromEntries(endpoints) as unknown as ContractOf<D>;
}
