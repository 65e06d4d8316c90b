/**
 * A client's connection to the network: one request at a time, each with a timeout.
 *
 * @module
 */

import { isJsonObject, type JsonObject, stringifyJson } from "../base/mod.ts";
import { type Body, ErrorCode, RpcError, type Schema, schema } from "../wire/mod.ts";
import { type Connection, MalformedReplyError } from "../workload/mod.ts";
import type { Clock } from "./clock.ts";
import type { Network } from "./network.ts";

/** The default timeout of a client's request in milliseconds, as in Maelstrom. */
export const DEFAULT_TIMEOUT_MS = 5000;

/** What a node replies to a request that failed. Nodes may add fields, such as a text. */
const errorReply = schema.object({ type: schema.literal("error"), code: schema.integer });

/** A client of one node in the simulated network. */
export class NetworkConnection implements Connection {
  readonly node: string;
  readonly #id: string;
  readonly #network: Network;
  readonly #clock: Clock;
  #lastMessageId = 0;
  #unmatchedReply: string | undefined;
  #pending: { readonly id: number; settle(result: Body | Error): void } | undefined;

  /** Adds a client of the node to the network. */
  constructor(network: Network, clock: Clock, node: string) {
    this.node = node;
    this.#network = network;
    this.#clock = clock;
    this.#id = network.addClient(({ body }) => {
      const pending = this.#pending;
      if (!isJsonObject(body) || pending === undefined) return;
      if (body.in_reply_to !== pending.id) return this.#keepUnmatched(body, pending.id);
      // The call's schema validates the other fields.
      pending.settle(body as typeof body & Body);
    });
  }

  /**
   * Describes a reply to the last call that matched no request, because its `in_reply_to` is not an
   * integer; undefined without one.
   */
  get unmatchedReply(): string | undefined {
    return this.#unmatchedReply;
  }

  async call<T>(request: Body, reply: Schema<T>, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<T> {
    const body = { ...request, msg_id: ++this.#lastMessageId };
    const received = await this.#exchange(body, timeoutMs);
    const expected = received.type === "error" ? errorReply : reply;
    const problem = expected.problem(received, "the reply");
    if (problem !== undefined) {
      throw new MalformedReplyError(this.node, body, received, expected.expectation, problem);
    }
    if (received.type === "error") throw RpcError.fromBody(received);
    return received as T;
  }

  /** Removes the client from the network; an outstanding call fails. */
  close(): void {
    this.#pending?.settle(new RpcError(ErrorCode.timeout, "the client was closed"));
    this.#network.remove(this.#id);
  }

  #keepUnmatched(body: JsonObject, expected: number): void {
    const { in_reply_to: found } = body;
    // A late reply to an earlier request: not a mistake of the node.
    if (Number.isSafeInteger(found)) return;
    this.#unmatchedReply = found === undefined
      ? `it sent ${stringifyJson(body)}, which has no in_reply_to; expected the integer ${expected}`
      : `its reply has in_reply_to ${stringifyJson(found)}; expected the integer ${expected}`;
  }

  #exchange(body: Body & { readonly msg_id: number }, timeoutMs: number): Promise<Body> {
    if (this.#pending !== undefined) {
      throw new Error("a client must not make a call while another call is outstanding");
    }
    this.#unmatchedReply = undefined;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const reason = this.#unmatchedReply === undefined ? "" : ` (${this.#unmatchedReply})`;
        const text = `no reply from ${this.node} to '${body.type}' within ${timeoutMs} ms${reason}`;
        this.#pending?.settle(new RpcError(ErrorCode.timeout, text));
      });
      this.#pending = {
        id: body.msg_id,
        settle: (result) => {
          this.#pending = undefined;
          cancel();
          if (result instanceof Error) reject(result);
          else resolve(result);
        },
      };
      this.#network.send({ src: this.#id, dest: this.node, body });
    });
  }
}
