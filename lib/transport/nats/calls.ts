/**
 * Requests from outside of the cluster: a request of NATS carries the body of a request, and its
 * reply the body of the reply. Each request has a client id of its own.
 *
 * @module
 */

import { isJsonObject, parseJson, stringifyJson } from "../../base/mod.ts";
import { CLIENT_TIMEOUT_MS, type Host } from "../../node/mod.ts";
import { type Body, ErrorCode, type Message } from "../../wire/mod.ts";

/** While this many requests are pending, further ones are refused. */
const MAX_PENDING = 10_000;
const ID_PREFIX = "call-";
/** The number of characters of a malformed request in the error. */
const MAX_SHOWN = 80;

/** A request of NATS. */
export interface IncomingCall {
  /** The request's body as JSON. */
  text(): string;
  /** Sends the reply's body as JSON; false if the sender expects no reply. */
  respond(text: string): boolean;
}

/** The pending requests of one node. */
export class IncomingCalls {
  readonly #node: string;
  readonly #host: Pick<Host, "startTimer">;
  readonly #deliver: (text: string, src: string) => string | undefined;
  readonly #pending = new Map<string, { readonly call: IncomingCall; cancel(): void }>();
  #count = 0;

  /**
   * `deliver` passes the text of a message from `src` to the node. It returns why the node skipped
   * the message; undefined if the node handles it.
   */
  constructor(
    node: string,
    host: Pick<Host, "startTimer">,
    deliver: (text: string, src: string) => string | undefined,
  ) {
    this.#node = node;
    this.#host = host;
    this.#deliver = deliver;
  }

  /** Passes a request on to the node; returns why it was refused, undefined if it was not. */
  receive(call: IncomingCall): string | undefined {
    if (this.#pending.size >= MAX_PENDING) {
      const text = `${MAX_PENDING} requests are pending, which is the limit; try again later`;
      call.respond(errorText(ErrorCode.temporarilyUnavailable, text));
      return text;
    }
    const src = `${ID_PREFIX}${this.#count++}`;
    const refuse = (problem: string) => {
      call.respond(errorText(ErrorCode.malformedRequest, problem));
      return problem;
    };
    let body: unknown;
    try {
      body = parseJson(call.text());
    } catch (error) {
      return refuse(`a request must be a JSON object: ${(error as Error).message}`);
    }
    if (!isJsonObject(body)) {
      return refuse(`a request must be a JSON object, got ${call.text().slice(0, MAX_SHOWN)}`);
    }
    const { in_reply_to: _, ...request } = body;
    const message = { src, dest: this.#node, body: { ...request, msg_id: 1 } };
    // A node replies to every request in time; this is for one that does not.
    const cancel = this.#host.startTimer(CLIENT_TIMEOUT_MS, () => this.#pending.delete(src));
    this.#pending.set(src, { call, cancel });
    const problem = this.#deliver(stringifyJson(message), src);
    if (problem === undefined) return undefined;
    this.#take(src);
    return refuse(problem);
  }

  /** Sends the reply to a request; false if the message is not one. */
  reply({ dest, body }: Message): boolean {
    if (!dest.startsWith(ID_PREFIX)) return false;
    const { in_reply_to: _, msg_id: __, ...reply } = body;
    this.#take(dest)?.respond(stringifyJson(reply));
    return true;
  }

  #take(id: string): IncomingCall | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancel();
    return pending?.call;
  }
}

function errorText(code: number, text: string): string {
  const body: Body = { type: "error", code, text };
  return stringifyJson(body);
}
