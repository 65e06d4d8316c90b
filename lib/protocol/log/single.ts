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
import { Commits } from "./commits.ts";
import { Forwarder, RETRANSMISSION, serveForwards } from "./forwarder.ts";
import { KeyLog } from "./key_log.ts";
import {
  type ClientRequest,
  FairPoll,
  type Log,
  type Offsets,
  type PollLimits,
  type PollResult,
} from "./log.ts";

const pollReply = schema.object({
  msgs: schema.record(schema.array(schema.tuple(schema.natural, schema.json))),
});
const committedReply = schema.object({ offsets: schema.record(schema.natural) });

/** Creates the log of the first node, or a client of it on another node. */
export function single(
  node: Node,
  settings: { readonly limits: PollLimits; readonly retain: number },
): Log {
  const first = node.nodes[0] as string;
  if (node.id !== first) return new RemoteLog(node, first);
  const log = new MemoryLog(settings.limits, settings.retain);
  serveForwards(node, (sends) => sends.map(([key, message]) => log.send(key, message)));
  return log;
}

/** Logs in memory. */
export class MemoryLog implements Log {
  readonly #fairPoll: FairPoll;
  readonly #retain: number;
  readonly #logs = new Map<string, KeyLog>();
  readonly #commits = new Commits();

  /** Keeps the last `retain` entries of each key. */
  constructor(limits: PollLimits, retain: number) {
    this.#fairPoll = new FairPoll(limits);
    this.#retain = retain;
  }

  send(key: string, message: Json): number {
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = new KeyLog(this.#retain);
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
  readonly #forwarder: Forwarder;

  constructor(node: Node, first: string) {
    this.#node = node;
    this.#first = first;
    const incarnationOf = (name: string) => name === node.id ? node.incarnation : "";
    this.#forwarder = new Forwarder(node, { owner: first, lingerMs: 0, incarnationOf });
  }

  send(key: string, message: Json, request: ClientRequest): Promise<number> {
    return this.#forwarder.send(key, message, request);
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
