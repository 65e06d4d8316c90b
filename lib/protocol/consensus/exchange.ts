/**
 * The messages of CASPaxos: requests of this node's proposers with the replies of all acceptors, and the
 * replies of this node's acceptors. They travel on direct links, or around broken ones ({@link Routes}).
 *
 * A reply repeats key and ballot of its request. No other request has both, also after a restart, but for
 * `prepare` and `accept` of one round, whose replies differ in type. So a message may arrive late, or more
 * than once.
 *
 * @module
 */

import { type Body, type Fields, type Node, schema } from "../../node/mod.ts";
import type { Acceptor } from "./acceptor.ts";
import { type Ballot, ballotSchema, type Reply, type Request, stateSchema } from "./caspaxos.ts";
import { Routes } from "./routes.ts";

const request = { key: schema.string, ballot: ballotSchema };
const reply = { key: schema.string, to: ballotSchema };
const messages: Readonly<Record<(Request | Reply)["type"], Fields>> = {
  prepare: request,
  accept: { ...request, state: stateSchema, next: ballotSchema },
  promise: { ...reply, accepted: ballotSchema, state: stateSchema },
  accepted: reply,
  conflict: { ...reply, ballot: ballotSchema },
};
type RequestMessage = Request & { readonly key: string };
type ReplyMessage = Reply & { readonly key: string; readonly to: Ballot };

/** The number of requests whose replies are received; a request that is sent again is the newest. */
const MAX_REMEMBERED = 4096;

/** Receives the replies to a request. */
export type Receive = (acceptor: string, reply: Reply) => void;

interface Sent {
  readonly type: Request["type"];
  /** When the request was sent, in ms; undefined once it was sent again. */
  sentMs: number | undefined;
  readonly receive: Receive;
}

/** Exchanges messages with all acceptors. */
export class Exchange {
  readonly #node: Node;
  readonly #acceptor: Acceptor;
  readonly #routes: Routes;
  readonly #onRoundTrip: (elapsedMs: number) => void;
  /** The last requests by key and ballot, the oldest first. */
  readonly #sent = new Map<string, Sent>();

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

  /**
   * Sends a request to all acceptors. Returns a function that sends it again to some of them. `receive`
   * is called with each reply, also with late and repeated ones.
   */
  begin(key: string, request: Request, receive: Receive): (acceptors: readonly string[]) => void {
    const entry: Sent = { type: request.type, sentMs: this.#node.monotonic(), receive };
    const name = nameOf(key, request.ballot);
    this.#remember(name, entry);
    const send = (acceptors: readonly string[]) => {
      for (const acceptor of acceptors) {
        if (acceptor === this.#node.id) {
          this.#acceptor.handle(key, request).then((reply) => receive(acceptor, reply));
        } else this.#routes.send(acceptor, { ...request, key }, true);
      }
    };
    send(this.#node.nodes);
    return (acceptors) => {
      entry.sentMs = undefined;
      this.#remember(name, entry);
      send(acceptors);
    };
  }

  /** Handles a message whose fields are valid; `isDirect` if it came on the direct link. */
  async #receive(from: string, body: Body, isDirect: boolean): Promise<void> {
    const message = body as unknown as RequestMessage | ReplyMessage;
    const { key } = message;
    if (message.type === "prepare" || message.type === "accept") {
      const reply = await this.#acceptor.handle(key, message);
      return this.#routes.send(from, { ...reply, key, to: message.ballot }, false);
    }
    const sent = this.#sent.get(nameOf(key, message.to));
    if (sent === undefined || message.type === REPLY_TO_OTHER[sent.type]) return;
    if (isDirect && sent.sentMs !== undefined) {
      this.#onRoundTrip(this.#node.monotonic() - sent.sentMs);
    }
    sent.receive(from, message);
  }

  /** Remembers a request in place of the one before with its name, as the newest. */
  #remember(name: string, sent: Sent): void {
    this.#sent.delete(name);
    this.#sent.set(name, sent);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MAX_REMEMBERED) this.#sent.delete(oldest as string);
  }
}

/** The reply that a request never has: a late one to the other request of its round. */
const REPLY_TO_OTHER = { prepare: "accepted", accept: "promise" } as const;

function nameOf(key: string, ballot: Ballot): string {
  return `${ballot} ${key}`;
}
