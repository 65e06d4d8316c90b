/**
 * Calls of a workload's client: they send a request of the contract and check the reply.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { Endpoint } from "../contract/mod.ts";
import {
  type Body,
  errorName,
  type Fields,
  type InferFields,
  RpcError,
  type Schema,
  schema,
} from "../wire/mod.ts";
import type { Completion, Connection } from "./workload.ts";

/** Thrown for a reply that does not match the expected schema. Shows the request and the reply. */
export class MalformedReplyError extends Error {
  /** The name of the class. */
  override readonly name = "MalformedReplyError";
  /** The error as Maelstrom writes it into the history. */
  readonly data: { readonly type: "malformed-rpc-response"; readonly body: unknown };

  /** `expectation` describes a valid reply; `problem` describes why this one is malformed. */
  constructor(
    node: string,
    request: Body,
    reply: unknown,
    expectation: string,
    readonly problem: string,
  ) {
    super(
      `Node ${node} received the request\n\n  ${stringifyJson(request)}\n\n` +
        `expected a reply of the form\n\n  ${expectation}\n\n` +
        `got\n\n  ${stringifyJson(reply)}\n\nThis reply is malformed: ${problem}.`,
    );
    this.data = { type: "malformed-rpc-response", body: reply };
  }
}

/** Schemas in place of those of some fields. */
export type Overrides<F extends Fields> = { readonly [K in keyof F]?: Schema<unknown> };

/** Fields with some schemas replaced. */
export type Overridden<F extends Fields, O> = {
  readonly [K in keyof F]: K extends keyof O ? Extract<O[K], Schema<unknown>> : F[K];
};

/** Where a workload's client differs from the contract because Maelstrom's client does. */
export interface Tolerance<S, A> {
  /** Fields of the request that may have other values than a node accepts. */
  readonly sends?: S;
  /** Fields of the reply that may have other values than a node should send. */
  readonly accepts?: A;
}

/** A call to a node: sends the request's fields and returns the reply's. */
export type Rpc<Q extends Fields, R extends Fields> = (
  connection: Connection,
  fields: InferFields<Q>,
  timeoutMs?: number,
) => Promise<InferFields<R>>;

/**
 * Defines a call to an endpoint of a contract, or to one that a request's type and the fields of the
 * request and of its reply describe. The reply must have these fields, and no others but `msg_id` and
 * `in_reply_to`: Maelstrom rejects unknown fields, too.
 *
 * @throws {TypeError} The call throws it when the request's fields do not match their schemas.
 */
export function defineRpc<Q extends Fields, R extends Fields>(
  type: string,
  request: Q,
  reply: R,
): Rpc<Q, R>;
/**
 * Defines a call to an endpoint of a contract, with exceptions where Maelstrom's client differs.
 */
export function defineRpc<
  E extends Endpoint,
  S extends Overrides<E["request"]> = Record<never, never>,
  A extends Overrides<E["reply"]> = Record<never, never>,
>(
  endpoint: E,
  tolerance?: Tolerance<S, A>,
): Rpc<Overridden<E["request"], S>, Overridden<E["reply"], A>>;
export function defineRpc(
  endpoint: Endpoint | string,
  second: Fields | Tolerance<Fields, Fields> = {},
  third: Fields = {},
): Rpc<Fields, Fields> {
  if (typeof endpoint === "string") {
    return defineRpc({ type: endpoint, request: second as Fields, reply: third });
  }
  const { type, request, reply } = endpoint;
  const { sends, accepts } = second as Tolerance<Fields, Fields>;
  const requestSchema = schema.object({ ...request, ...(sends as Fields) }, { closed: true });
  const replySchema = schema.object({
    type: schema.literal(`${type}_ok`),
    ...reply,
    ...(accepts as Fields),
    msg_id: schema.optional(schema.integer),
    in_reply_to: schema.integer,
  }, { closed: true }) as Schema<InferFields<Fields>>;
  return (connection, fields, timeoutMs) => {
    const problem = requestSchema.problem(fields, type);
    if (problem !== undefined) {
      throw new TypeError(`the workload's client made an invalid request: ${problem}`);
    }
    return connection.call({ ...(fields as Omit<Body, "type">), type }, replySchema, timeoutMs);
  };
}

/**
 * Runs an operation and converts error replies and timeouts to completions (Maelstrom's
 * `with-errors`). The operation ends `fail` if the error is definite or the operation idempotent,
 * else `info`. Rethrows all other errors.
 */
export async function withErrors(
  idempotent: boolean,
  operation: () => Promise<Completion>,
): Promise<Completion> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return {
      type: error.definite || idempotent ? "fail" : "info",
      error: error.code === 0 ? "net-timeout" : [errorName(error.code), error.text],
    };
  }
}
