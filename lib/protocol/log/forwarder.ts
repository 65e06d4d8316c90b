/**
 * Sends to keys of another node, the owner: the forwarding side and the owner's side.
 *
 * **Forwarding.** A send has a number and is retransmitted until the owner replies, or until the
 * deadline of the client's request. Then it fails with error 0 (timeout), since the owner may have
 * executed it. It names the incarnation of the owner that it is for. Another incarnation rejects it,
 * since that cannot know whether the send was executed.
 *
 * **Executing.** The owner executes each send once, however often it arrives, and every arrival gets
 * the same reply, also when that is an error. The owner keeps the outcome until the forwarding node
 * acknowledges it: each send carries the lowest number whose reply that node still awaits. A send below
 * that number is not executed, since it may have been executed before, and its reply would be dropped.
 * RIFL (Lee et al., "Implementing Linearizability at Large Scale and Low Latency", 2015) calls these
 * completion records.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import {
  ErrorCode,
  type IncomingRequest,
  type Json,
  type Node,
  RpcError,
  schema,
} from "../../node/mod.ts";
import type { ClientRequest, MaybePromise } from "./log.ts";

/** A request to an owner is retransmitted after at most 250 ms, and then at most every second. */
export const RETRANSMISSION = { minMs: 250, maxMs: 1000 };

const replySchema = schema.object({ offset: schema.natural });

/** An incarnation of the node that a send is for. */
export interface Owner {
  readonly node: string;
  /** Empty if it is not known. */
  readonly incarnation: string;
}

/** Forwards sends to owners. */
export class Forwarder {
  readonly #node: Node;
  #lastNumber = 0;
  /** The numbers of the sends that await a reply, in ascending order. */
  readonly #outstanding = new Set<number>();

  constructor(node: Node) {
    this.#node = node;
  }

  /**
   * Has the owner append a message; resolves to its offset. Rejects with error 0 at the request's
   * deadline, and with the owner's error.
   */
  async send(
    owner: Owner,
    key: string,
    message: Json,
    { signal }: ClientRequest,
  ): Promise<number> {
    const number = ++this.#lastNumber;
    this.#outstanding.add(number);
    const [oldest = number] = this.#outstanding;
    const sender = this.#node.incarnation;
    const body = {
      type: "forward",
      sender,
      owner: owner.incarnation,
      number,
      oldest,
      key,
      message,
    };
    const options = { timeoutMs: Infinity, signal, retry: RETRANSMISSION };
    try {
      return (await this.#node.rpcFor(owner.node, body, replySchema, options)).offset;
    } finally {
      this.#outstanding.delete(number);
    }
  }
}

/** The outcome of a send: its offset. */
export type Outcome = MaybePromise<number>;

/** The name of a forwarded send. */
export interface ForwardedSend {
  /** The incarnation of the node that forwards. */
  readonly sender: string;
  /** The number of the send, from 1. */
  readonly number: number;
  /** The lowest number whose reply the sender still awaits. */
  readonly oldest: number;
}

interface Sender {
  oldest: number;
  readonly outcomes: Map<number, Outcome>;
}

/** The outcomes of the sends of all senders. */
export class ForwardedSends {
  readonly #senders = new Map<string, Sender>();

  /**
   * Returns the outcome of a send. Calls `execute` the first time. Returns undefined for a send whose
   * reply the sender no longer awaits.
   */
  once(send: ForwardedSend, execute: () => Outcome): Outcome | undefined {
    const { sender: incarnation, number, oldest } = send;
    const sender = this.#senders.get(incarnation) ??
      { oldest, outcomes: new Map<number, Outcome>() };
    this.#senders.set(incarnation, sender);
    for (; sender.oldest < oldest; sender.oldest++) sender.outcomes.delete(sender.oldest);
    if (number < sender.oldest) return undefined;
    let outcome = sender.outcomes.get(number);
    if (outcome === undefined) {
      outcome = execute();
      invariant(!sender.outcomes.has(number), "a send is executed once");
      sender.outcomes.set(number, outcome);
    }
    return outcome;
  }
}

/** The fields of a forwarded send. */
const forwardFields = {
  /** The incarnation of the node that forwards. */
  sender: schema.string,
  /** The owner's incarnation that the send is for; empty if the sender does not know it. */
  owner: schema.string,
  number: schema.natural,
  oldest: schema.natural,
  key: schema.string,
  message: schema.json,
};

/** Appends what a {@link Forwarder} on another node sends. Tests pass a `forwarded` with a fault. */
export function serveForwards(
  node: Node,
  append: (key: string, message: Json, request: IncomingRequest) => Outcome,
  forwarded: Pick<ForwardedSends, "once"> = new ForwardedSends(),
): void {
  node.on("forward", forwardFields, async ({ key, message, owner, ...send }, request) => {
    if (owner !== "" && owner !== node.incarnation) {
      throw new RpcError(
        ErrorCode.crash,
        "outcome unknown: the owner restarted after this send was forwarded",
      );
    }
    const offset = await forwarded.once(send, () => append(key, message, request));
    return offset === undefined ? undefined : { type: "forward_ok", offset };
  });
}
