/**
 * Strategy `single`: the first node keeps all logs in memory; the others pass every request on.
 *
 * The simplest thing that is right on a network that loses nothing: one node, so one order. It
 * costs two messages for each request that another node gets, and a node that cannot reach the
 * first one can do nothing. It does not survive the loss of the first node's memory, nor a network
 * that delivers a message twice: a `send` that arrives twice is in the log twice, because nothing
 * tells it from a second one. For the same reason a `send` is never tried again, and when no answer
 * comes the client is told that it may have happened.
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
import { type Entry, EntryLog } from "./entry_log.ts";
import type { Log, Offsets, Polled, PollLimits } from "./log.ts";
import { PollTurns } from "./poll_turns.ts";

/** Clients give up after 5 s, and must not be answered after that. */
const CALL_TIMEOUT_MS = 3500;

const sent = schema.object({ offset: schema.natural });
const polled = schema.object({
  msgs: schema.record(schema.array(schema.tuple(schema.natural, schema.json))),
});
const committed = schema.object({ offsets: schema.record(schema.natural) });

/** Wires the strategy. */
export function single(
  node: Node,
  settings: { readonly limits: PollLimits; readonly retain: number },
): Log {
  const memory = new MemoryLog(settings.limits, settings.retain);
  const passedOn = new PassedOn(node);
  const here = (): Log => node.id === node.nodes[0] ? memory : passedOn;
  return {
    send: (key, message) => here().send(key, message),
    poll: (offsets) => here().poll(offsets),
    commit: (offsets) => here().commit(offsets),
    committed: (keys) => here().committed(keys),
  };
}

/** Logs in memory. */
export class MemoryLog implements Log {
  readonly #turns: PollTurns;
  readonly #retain: number;
  readonly #logs = new Map<string, EntryLog>();
  readonly #commits = new Commits();

  /** Keeps the last `retain` entries of each key. */
  constructor(limits: PollLimits, retain: number) {
    this.#turns = new PollTurns(limits);
    this.#retain = retain;
  }

  send(key: string, message: Json): number {
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = new EntryLog(this.#retain);
      this.#logs.set(key, log);
    }
    const offset = log.end;
    log.append(offset, message);
    return offset;
  }

  poll(offsets: Readonly<Offsets>): Polled {
    const none: Entry[] = [];
    return this.#turns.poll(
      offsets,
      (key, offset, most) => this.#logs.get(key)?.from(offset, most) ?? none,
    );
  }

  commit(offsets: Readonly<Offsets>): void {
    for (const [key, offset] of Object.entries(offsets)) this.#commits.raise(key, offset);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.of(keys);
  }
}

/** Logs that are kept by the first node. */
class PassedOn implements Log {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  async send(key: string, message: Json): Promise<number> {
    return (await this.#ask({ type: "send", key, msg: message }, sent)).offset;
  }

  async poll(offsets: Readonly<Offsets>): Promise<Polled> {
    return (await this.#askAgain({ type: "poll", offsets: { ...offsets } }, polled)).msgs;
  }

  async commit(offsets: Readonly<Offsets>): Promise<void> {
    await this.#askAgain({ type: "commit_offsets", offsets: { ...offsets } }, schema.object({}));
  }

  async committed(keys: readonly string[]): Promise<Offsets> {
    const request = { type: "list_committed_offsets", keys: [...keys] };
    return (await this.#askAgain(request, committed)).offsets;
  }

  #ask<T>(request: Body, reply: Schema<T>): Promise<T> {
    const first = this.#node.nodes[0] as string;
    return this.#node.rpcFor(first, request, reply, { timeoutMs: CALL_TIMEOUT_MS });
  }

  /** For what may be done twice: without an answer it counts as not done. */
  async #askAgain<T>(request: Body, reply: Schema<T>): Promise<T> {
    try {
      return await this.#ask(request, reply);
    } catch (error) {
      if (!hasCode(error, ErrorCode.timeout)) throw error;
      throw new RpcError(ErrorCode.temporarilyUnavailable, "the first node does not answer");
    }
  }
}
