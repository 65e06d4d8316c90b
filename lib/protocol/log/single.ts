/**
 * Strategy `single`: the first node keeps all logs in memory. The others forward every request to it.
 *
 * It is the simplest strategy that is right: one node, so one order. A request to another node costs
 * two messages and is retransmitted until the first node replies. A forwarded send is executed once,
 * however often it arrives (see {@link ForwardedSends}); the other requests may be executed twice. A
 * node that cannot reach the first one serves nothing, and serves again within one retransmission
 * timeout after a partition heals. The strategy does not survive the loss of the first node's memory.
 *
 * @module
 */

import {
  type Body,
  ErrorCode,
  hasCode,
  type Json,
  type Node,
  RpcError,
  schema,
} from "../../node/mod.ts";
import type { Schema } from "../../wire/mod.ts";
import { Forwarder, RETRANSMISSION, serveForwards } from "./forwarder.ts";
import type { ClientRequest, Log, Offsets, PollResult } from "./log.ts";
import { MemoryLog } from "./memory_log.ts";

const pollReply = schema.object({
  msgs: schema.record(schema.array(schema.tuple(schema.natural, schema.json))),
});
const committedReply = schema.object({ offsets: schema.record(schema.natural) });

/** Creates the log of the first node, or a client of it on another node. */
export function single(node: Node, { perKey }: { readonly perKey: number }): Log {
  const first = node.nodes[0] as string;
  if (node.id !== first) return new RemoteLog(node, first);
  const log = new MemoryLog(perKey);
  serveForwards(node, (key, message) => log.send(key, message));
  return log;
}

/** Logs that another node keeps. */
class RemoteLog implements Log {
  readonly #node: Node;
  readonly #first: string;
  readonly #forwarder: Forwarder;

  constructor(node: Node, first: string) {
    this.#node = node;
    this.#first = first;
    this.#forwarder = new Forwarder(node);
  }

  send(key: string, message: Json, request: ClientRequest): Promise<number> {
    return this.#forwarder.send({ node: this.#first, incarnation: "" }, key, message, request);
  }

  async poll(offsets: Readonly<Offsets>, request: ClientRequest): Promise<PollResult> {
    const body = { type: "poll", offsets: { ...offsets } };
    return (await this.#call(body, pollReply, request)).msgs;
  }

  async commit(offsets: Readonly<Offsets>, request: ClientRequest): Promise<void> {
    const body = { type: "commit_offsets", offsets: { ...offsets } };
    await this.#call(body, schema.object({}), request);
  }

  async committed(keys: readonly string[], request: ClientRequest): Promise<Offsets> {
    const body = { type: "list_committed_offsets", keys: [...keys] };
    return (await this.#call(body, committedReply, request)).offsets;
  }

  /**
   * Makes a call that may be executed twice. A timeout becomes error 11, since the client may treat
   * the operation as one that did not happen.
   */
  async #call<T>(body: Body, reply: Schema<T>, { signal }: ClientRequest): Promise<T> {
    const options = { timeoutMs: Infinity, signal, retry: RETRANSMISSION };
    try {
      return await this.#node.rpcFor(this.#first, body, reply, options);
    } catch (error) {
      if (!hasCode(error, ErrorCode.timeout)) throw error;
      throw new RpcError(
        ErrorCode.temporarilyUnavailable,
        `${this.#first}, which keeps the logs, did not reply in time`,
      );
    }
  }
}
