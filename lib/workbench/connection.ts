/**
 * A client's line into the network: one request at a time, and a deadline for each.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";
import { type Body, ErrorCode, RpcError, type Schema } from "../wire/mod.ts";
import { type Connection, MalformedReplyError } from "../workload/mod.ts";
import type { Clock } from "./clock.ts";
import type { Network } from "./network.ts";

/** How long a client waits for a reply, in milliseconds, unless told otherwise (Maelstrom's). */
export const DEFAULT_TIMEOUT_MS = 5000;

/** A client of one node in the simulated network. */
export class NetworkConnection implements Connection {
  readonly node: string;
  readonly #id: string;
  readonly #network: Network;
  readonly #clock: Clock;
  #lastMessageId = 0;
  #waiting: { readonly id: number; settle(outcome: Body | Error): void } | undefined;

  /** Opens a client of the node. */
  constructor(network: Network, clock: Clock, node: string) {
    this.node = node;
    this.#network = network;
    this.#clock = clock;
    this.#id = network.addClient(({ body }) => {
      const waiting = this.#waiting;
      if (!isJsonObject(body) || waiting === undefined || body.in_reply_to !== waiting.id) return;
      // Whether it has the form that it must have is for the call's schema to say.
      const reply = body as typeof body & Body;
      waiting.settle(reply.type === "error" ? RpcError.fromBody(reply) : reply);
    });
  }

  async call<T>(request: Body, reply: Schema<T>, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<T> {
    const body = { ...request, msg_id: ++this.#lastMessageId };
    const answer = await this.#exchange(body, timeoutMs);
    const problem = reply.problem(answer, "the reply");
    if (problem !== undefined) {
      throw new MalformedReplyError(this.node, body, answer, reply.expectation, problem);
    }
    return answer as T;
  }

  /** Leaves the network; a call under way fails. */
  close(): void {
    this.#waiting?.settle(new RpcError(ErrorCode.timeout, "the client was closed"));
    this.#network.remove(this.#id);
  }

  #exchange(body: Body & { readonly msg_id: number }, timeoutMs: number): Promise<Body> {
    if (this.#waiting !== undefined) {
      throw new Error("a client can only make one call at a time");
    }
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const text = `no reply from ${this.node} to '${body.type}' within ${timeoutMs} ms`;
        this.#waiting?.settle(new RpcError(ErrorCode.timeout, text));
      });
      this.#waiting = {
        id: body.msg_id,
        settle: (outcome) => {
          this.#waiting = undefined;
          cancel();
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#network.send({ src: this.#id, dest: this.node, body });
    });
  }
}
