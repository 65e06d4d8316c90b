/**
 * The messages of CASPaxos: requests of this node's proposers with the replies of all acceptors, and the
 * replies of this node's acceptors. They travel on direct links, or around broken ones ({@link Routes}).
 *
 * A request has a number, which its reply repeats with the proposer's incarnation. A request that is sent
 * again has a new number. So a reply may arrive late, or more than once, and belongs to one request. It
 * also measures a round trip, which a request with the same number twice would leave open (Karn and
 * Partridge, "Improving Round-Trip Time Estimates in Reliable Transport Protocols", 1987).
 *
 * @module
 */

import { type Body, type Fields, type Node, schema } from "../../node/mod.ts";
import type { Acceptor } from "./acceptor.ts";
import { ballotSchema } from "./ballot.ts";
import { type Reply, type Request, stateSchema } from "./caspaxos.ts";
import { Routes } from "./routes.ts";

const request = { key: schema.string, ballot: ballotSchema, id: schema.natural };
/** `to` holds the number of the request, and the incarnation of its proposer. */
const reply = { to: schema.tuple(schema.natural, schema.string) };
const messages: Readonly<Record<(Request | Reply)["type"], Fields>> = {
  prepare: request,
  accept: { ...request, state: stateSchema, next: ballotSchema },
  promise: { ...reply, accepted: ballotSchema, state: stateSchema },
  accepted: reply,
  conflict: { ...reply, ballot: ballotSchema, accepted: ballotSchema, state: stateSchema },
};
type RequestMessage = Request & { readonly key: string; readonly id: number };
type ReplyMessage = Reply & { readonly to: readonly [id: number, incarnation: string] };

/** The number of the last requests whose replies are received. */
const MAX_REMEMBERED = 4096;

/** Receives the replies to a request. */
export type Receive = (acceptor: string, reply: Reply) => void;

/** A request that was sent to some acceptors, and when, in ms. */
interface Sent {
  readonly sentMs: number;
  readonly receive: Receive;
}

/** Exchanges messages with all acceptors. */
export class Exchange {
  readonly #node: Node;
  readonly #acceptor: Acceptor;
  readonly #routes: Routes;
  readonly #onRoundTrip: (elapsedMs: number) => void;
  /** The last requests by their numbers. */
  readonly #sent = new Map<number, Sent>();
  #lastId = 0;

  /** Serves the messages. `onRoundTrip` receives the round trips on direct links. */
  constructor(node: Node, acceptor: Acceptor, onRoundTrip: (elapsedMs: number) => void) {
    this.#node = node;
    this.#acceptor = acceptor;
    this.#onRoundTrip = onRoundTrip;
    this.#routes = new Routes({
      node,
      deliver: (from, body) => {
        const fields = messages[body.type as keyof typeof messages];
        if (fields === undefined || schema.object(fields).problem(body, "") !== undefined) return;
        this.#receive(from, body, false);
      },
    });
    for (const [type, fields] of Object.entries(messages)) {
      node.on(type, fields, (body, { src }) => {
        this.#routes.received(src);
        this.#receive(src, body as Body, true);
      });
    }
  }

  /** Sends a request to acceptors. `receive` is called with each reply, also a late or repeated one. */
  send(acceptors: readonly string[], key: string, request: Request, receive: Receive): void {
    const id = ++this.#lastId;
    this.#sent.set(id, { sentMs: this.#node.monotonic(), receive });
    this.#sent.delete(id - MAX_REMEMBERED);
    for (const acceptor of acceptors) {
      if (acceptor === this.#node.id) {
        this.#acceptor.handle(key, request).then((reply) => receive(acceptor, reply));
      } else this.#routes.send(acceptor, { ...request, key, id }, true);
    }
  }

  /** Handles a message whose fields are valid; `isDirect` if it came on the direct link. */
  async #receive(from: string, body: Body, isDirect: boolean): Promise<void> {
    const message = body as unknown as RequestMessage | ReplyMessage;
    if (message.type === "prepare" || message.type === "accept") {
      const { key, id, ballot: [_counter, _node, incarnation] } = message;
      const reply = await this.#acceptor.handle(key, message);
      return this.#routes.send(from, { ...reply, to: [id, incarnation] }, false);
    }
    const [id, incarnation] = message.to;
    const sent = this.#sent.get(id);
    if (sent === undefined || incarnation !== this.#node.incarnation) return;
    if (isDirect) this.#onRoundTrip(this.#node.monotonic() - sent.sentMs);
    sent.receive(from, message);
  }
}
