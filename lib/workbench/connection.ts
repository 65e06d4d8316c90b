/**
 * A client's connection to the network: one request at a time, each with a timeout.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";
import { type Body, ErrorCode, RpcError, type Schema } from "../wire/mod.ts";
import { type Connection, MalformedReplyError } from "../workload/mod.ts";
import type { Clock } from "./clock.ts";
import type { Network } from "./network.ts";

/** The default timeout of a client's request in milliseconds, as in Maelstrom. */
export const DEFAULT_TIMEOUT_MS = 5000;

/** A client of one node in the simulated network. */
export class NetworkConnection implements Connection {
  readonly node: string;
  readonly #id: string;
  readonly #network: Network;
  readonly #clock: Clock;
  #lastMessageId = 0;
  #pending: { readonly id: number; settle(result: Body | Error): void } | undefined;

  /** Adds a client of the node to the network. */
  constructor(network: Network, clock: Clock, node: string) {
    this.node = node;
    this.#network = network;
    this.#clock = clock;
    this.#id = network.addClient(({ body }) => {
      const pending = this.#pending;
      if (!isJsonObject(body) || pending === undefined || body.in_reply_to !== pending.id) return;
      // The call's schema validates the other fields.
      const reply = body as typeof body & Body;
      pending.settle(reply.type === "error" ? RpcError.fromBody(reply) : reply);
    });
  }

  async call<T>(request: Body, reply: Schema<T>, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<T> {
    const body = { ...request, msg_id: ++this.#lastMessageId };
    const received = await this.#exchange(body, timeoutMs);
    const problem = reply.problem(received, "the reply");
    if (problem !== undefined) {
      throw new MalformedReplyError(this.node, body, received, reply.expectation, problem);
    }
    return received as T;
  }

  /** Removes the client from the network; an outstanding call fails. */
  close(): void {
    this.#pending?.settle(new RpcError(ErrorCode.timeout, "the client was closed"));
    this.#network.remove(this.#id);
  }

  #exchange(body: Body & { readonly msg_id: number }, timeoutMs: number): Promise<Body> {
    if (this.#pending !== undefined) {
      throw new Error("a client must not make a call while another call is outstanding");
    }
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const text = `no reply from ${this.node} to '${body.type}' within ${timeoutMs} ms`;
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
