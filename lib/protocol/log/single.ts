/**
 * Strategy `single`: the first node keeps all logs in memory. The others forward every request to it.
 *
 * It is the simplest strategy that is right on a network that loses and duplicates nothing: one node,
 * so one order. A request to another node costs two messages. A node that cannot reach the first one
 * serves nothing. The strategy does not survive the loss of the first node's memory, nor duplicate
 * messages: a `send` that arrives twice is appended twice, because nothing identifies the duplicate.
 * For that reason a `send` is never retransmitted, and without a reply its outcome is unknown.
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
import { Commits } from "./commits.ts";
import { EntryLog } from "./entry_log.ts";
import { FairPoll } from "./fair_poll.ts";
import type { ClientRequest, Log, Offsets, PollLimits, PollResult } from "./log.ts";

const sendReply = schema.object({ offset: schema.natural });
const pollReply = schema.object({
  msgs: schema.record(schema.array(schema.tuple(schema.natural, schema.json))),
});
const committedReply = schema.object({ offsets: schema.record(schema.natural) });

/** Creates the log of the first node, or a client of it on another node. */
export function single(
  node: Node,
  settings: { readonly limits: PollLimits; readonly retain: number },
): Log {
  const [first] = node.nodes;
  return node.id === first
    ? new MemoryLog(settings.limits, settings.retain)
    : new RemoteLog(node, first as string);
}

/** Logs in memory. */
export class MemoryLog implements Log {
  readonly #fairPoll: FairPoll;
  readonly #retain: number;
  readonly #logs = new Map<string, EntryLog>();
  readonly #commits = new Commits();

  /** Keeps the last `retain` entries of each key. */
  constructor(limits: PollLimits, retain: number) {
    this.#fairPoll = new FairPoll(limits);
    this.#retain = retain;
  }

  send(key: string, message: Json): number {
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = new EntryLog(this.#retain);
      this.#logs.set(key, log);
    }
    const offset = log.endOffset;
    log.append(offset, message);
    return offset;
  }

  poll(offsets: Readonly<Offsets>): PollResult {
    return this.#fairPoll.poll(
      offsets,
      (key, offset, maxEntries) => this.#logs.get(key)?.read(offset, maxEntries) ?? [],
    );
  }

  commit(offsets: Readonly<Offsets>): void {
    for (const [key, offset] of Object.entries(offsets)) this.#commits.raise(key, offset);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }
}

/** Logs that another node keeps. */
class RemoteLog implements Log {
  readonly #node: Node;
  readonly #first: string;

  constructor(node: Node, first: string) {
    this.#node = node;
    this.#first = first;
  }

  async send(key: string, message: Json, request: ClientRequest): Promise<number> {
    const body = { type: "send", key, msg: message };
    return (await this.#call(body, sendReply, request)).offset;
  }

  async poll(offsets: Readonly<Offsets>, request: ClientRequest): Promise<PollResult> {
    const body = { type: "poll", offsets: { ...offsets } };
    return (await this.#callIdempotent(body, pollReply, request)).msgs;
  }

  async commit(offsets: Readonly<Offsets>, request: ClientRequest): Promise<void> {
    const body = { type: "commit_offsets", offsets: { ...offsets } };
    await this.#callIdempotent(body, schema.object({}), request);
  }

  async committed(keys: readonly string[], request: ClientRequest): Promise<Offsets> {
    const body = { type: "list_committed_offsets", keys: [...keys] };
    return (await this.#callIdempotent(body, committedReply, request)).offsets;
  }

  #call<T>(body: Body, reply: Schema<T>, { signal }: ClientRequest): Promise<T> {
    return this.#node.rpcFor(this.#first, body, reply, { timeoutMs: Infinity, signal });
  }

  /**
   * Makes a call that may be executed twice. A timeout becomes error 11, since the client may treat
   * the operation as one that did not happen.
   */
  async #callIdempotent<T>(body: Body, reply: Schema<T>, request: ClientRequest): Promise<T> {
    try {
      return await this.#call(body, reply, request);
    } catch (error) {
      if (!hasCode(error, ErrorCode.timeout)) throw error;
      throw new RpcError(
        ErrorCode.temporarilyUnavailable,
        `${this.#first}, which keeps the logs, did not reply in time`,
      );
    }
  }
}
