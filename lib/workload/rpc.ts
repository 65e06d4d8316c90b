/**
 * Calls with a form: what a workload sends, and what its reply must look like.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import {
  type Body,
  type DescribedFields,
  errorName,
  type Fields,
  RpcError,
  type Schema,
  schema,
} from "../wire/mod.ts";
import type { Completion, Connection } from "./workload.ts";

/** Thrown for a reply that does not have the form it must have; shows request and reply. */
export class MalformedReplyError extends Error {
  override readonly name = "MalformedReplyError";
  /** What a history keeps of it, as Maelstrom writes it. */
  readonly data: { readonly type: "malformed-rpc-response"; readonly body: unknown };

  /** `problem` says what is wrong with the reply. */
  constructor(
    node: string,
    request: Body,
    reply: unknown,
    expectation: string,
    readonly problem: string,
  ) {
    super(
      `Node ${node} was sent\n\n  ${stringifyJson(request)}\n\nand should have answered\n\n  ` +
        `${expectation}\n\nbut answered\n\n  ${
          stringifyJson(reply)
        }\n\nwhich is wrong: ${problem}.`,
    );
    this.data = { type: "malformed-rpc-response", body: reply };
  }
}

/** A call of a workload: makes the request from its fields and checks the reply's. */
export type Rpc<Q extends Fields, R extends Fields> = (
  connection: Connection,
  fields: DescribedFields<Q>,
  timeoutMs?: number,
) => Promise<DescribedFields<R>>;

/**
 * Defines a call. The reply's type is the request's with `_ok`; it must have the given fields and,
 * as Maelstrom has it, no others but `msg_id` and `in_reply_to`.
 */
export function defineRpc<Q extends Fields, R extends Fields>(
  type: string,
  request: Q,
  reply: R,
): Rpc<Q, R> {
  const requestSchema = schema.object(request, { closed: true });
  const replySchema: Schema<DescribedFields<R>> = schema.object({
    type: schema.literal(`${type}_ok`),
    ...reply,
    msg_id: schema.optional(schema.integer),
    in_reply_to: schema.integer,
  }, { closed: true });
  return (connection, fields, timeoutMs) => {
    const problem = requestSchema.problem(fields, type);
    if (problem !== undefined) throw new TypeError(`a workload made a bad request: ${problem}`);
    return connection.call({ ...(fields as Omit<Body, "type">), type }, replySchema, timeoutMs);
  };
}

/**
 * Runs an operation and turns the errors that a system may answer with into completions: `fail` when
 * the error is definite or the operation idempotent, else `info`. Other errors are thrown on.
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
