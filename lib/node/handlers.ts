/**
 * A node's handlers, and how requests become replies.
 *
 * A handler's result is the reply. A type without a handler is answered with error 10, a request
 * that does not match its handler's fields with 12, a thrown {@link RpcError} with its own code,
 * any other throw with 13. Handlers that reply synchronously cost no promise.
 *
 * A client's request expires, see {@link IncomingRequest}. If the handler's promise is still
 * pending shortly after that, the library replies with error 0 (timeout, which is indefinite) and
 * drops the handler's own reply, because the client is about to close.
 *
 * A handler may return nothing and reply later with {@link Node.reply}. If it forgets to, the log
 * names the message's type and client.
 *
 * @module
 */

import {
  type Body,
  ErrorCode,
  isClientId,
  type Message,
  RpcError,
  type Schema,
} from "../wire/mod.ts";
import { REPLY_DEADLINE_MS, REQUEST_DEADLINE_MS } from "./deadline.ts";
import type { Host } from "./host.ts";
import { IncomingRequest } from "./incoming_request.ts";
import type { CancelTimer, Handler } from "./node.ts";
import { reportThrow, stackOf } from "./report_throw.ts";

/** The handler of one message type. */
export interface Registration {
  readonly handler: Handler;
  /** Validates the message's body. */
  readonly fields?: Schema<unknown>;
  /** The reply's type, for a handler whose reply does not name one. */
  readonly replyType?: string;
}

/** Sends a reply; does nothing when the request expects none. */
type SendReply = (request: Message, body: Body) => void;

/** The handlers of one node. */
export class Handlers {
  readonly #host: Host;
  readonly #reply: SendReply;
  readonly #registrations = new Map<string, Registration>();
  readonly #monotonic: () => number;
  #running = 0;
  readonly #onIdle: (() => void)[] = [];

  constructor(host: Host, monotonic: () => number, reply: SendReply) {
    this.#host = host;
    this.#monotonic = monotonic;
    this.#reply = reply;
  }

  /** Registers the handler of a type. Throws an Error when the type has one already. */
  add(type: string, registration: Registration): void {
    if (this.#registrations.has(type)) {
      throw new Error(`the type '${type}' has a handler already; register one handler a type`);
    }
    this.#registrations.set(type, registration);
  }

  /** Whether a type has a handler. */
  has(type: string): boolean {
    return this.#registrations.has(type);
  }

  /** Handles a message and sends its reply. */
  handle(message: Message): void {
    const { body } = message;
    const registration = this.#registrations.get(body.type);
    if (registration === undefined) {
      const handled = [...this.#registrations.keys()].join(", ");
      const text = `no handler for requests of type '${body.type}'; this node handles ${handled}`;
      return this.#refuse(message, new RpcError(ErrorCode.notSupported, text));
    }
    try {
      const problem = registration.fields?.problem(body, body.type);
      if (problem !== undefined) throw new RpcError(ErrorCode.malformedRequest, problem);
      const request = new IncomingRequest(message, this.#monotonic);
      const reply = registration.handler(body, request);
      if (reply instanceof Promise) this.#replyLater(request, reply, registration.replyType);
      else if (reply === undefined) this.#watchForReply(request);
      else this.#reply(message, complete(reply, registration.replyType));
    } catch (error) {
      this.#replyError(message, error);
    }
  }

  /** Resolves when no handler is running. */
  async idle(): Promise<void> {
    while (this.#running > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  async #replyLater(
    request: IncomingRequest,
    promise: Promise<Body | void>,
    replyType: string | undefined,
  ): Promise<void> {
    this.#running++;
    const expiry = this.#startExpiry(request);
    try {
      const reply = await promise;
      if (expiry.replied) return;
      if (reply === undefined) this.#watchForReply(request);
      else this.#reply(request, complete(reply, replyType));
    } catch (error) {
      if (!expiry.replied) this.#replyError(request, error);
      else if (!(error instanceof RpcError)) {
        this.#host.log(
          `${describe(request)} threw after its deadline: ${stackOf(error)}`,
        );
      }
    } finally {
      expiry.cancel();
      this.#running--;
      if (this.#running === 0) this.#onIdle.splice(0).forEach((resolve) => resolve());
    }
  }

  /**
   * Lets a client's request expire at its deadline, and replies to it with a timeout after that.
   */
  #startExpiry(request: IncomingRequest): { replied: boolean; cancel: CancelTimer } {
    const expiry = { replied: false, cancel: () => {} };
    if (!isClientId(request.src)) return expiry;
    // Fixes the deadline at the time of arrival, for a handler that reads it later.
    void request.deadline;
    expiry.cancel = this.#host.startTimer(REQUEST_DEADLINE_MS, () => {
      expiry.cancel = this.#host.startTimer(REPLY_DEADLINE_MS - REQUEST_DEADLINE_MS, () => {
        expiry.replied = true;
        this.#host.log(
          `${describe(request)} did not reply within ${REPLY_DEADLINE_MS} ms; ` +
            "replied with error 0 (timeout)",
        );
        const text = `the handler did not reply within ${REPLY_DEADLINE_MS} ms`;
        this.#reply(request, new RpcError(ErrorCode.timeout, text).toBody());
      });
      request.expire();
    });
    return expiry;
  }

  /** Logs a client's request that has no reply when its client is about to close. */
  #watchForReply(request: IncomingRequest): void {
    const { body, deadline, isAnswered, isFromClient } = request;
    if (isAnswered || !isFromClient || body.msg_id === undefined) return;
    const expiresMs = deadline + REPLY_DEADLINE_MS - REQUEST_DEADLINE_MS;
    this.#host.startTimer(expiresMs - this.#monotonic(), () => {
      if (request.isAnswered) return;
      this.#host.log(
        `${describe(request)} returned nothing, and sent no reply within ${REPLY_DEADLINE_MS} ms`,
      );
    });
  }

  #replyError(message: Message, error: unknown): void {
    if (error instanceof RpcError) return this.#refuse(message, error);
    reportThrow(this.#host, describe(message), error);
    const text = error instanceof Error ? error.message : String(error);
    this.#reply(message, new RpcError(ErrorCode.crash, text).toBody());
  }

  /** Replies with an error; an error that the sender does not expect is logged. */
  #refuse(message: Message, error: RpcError): void {
    if (message.body.msg_id !== undefined) this.#reply(message, error.toBody());
    else this.#host.log(`a '${message.body.type}' from ${message.src} failed: ${error.message}`);
  }
}

/** Describes a message's handler in the log. */
function describe({ src, body }: Message): string {
  return `the handler of '${body.type}' from ${src}`;
}

/** Adds the type to a reply that does not name one. */
function complete(reply: Body, replyType: string | undefined): Body {
  return replyType === undefined || reply.type !== undefined
    ? reply
    : { ...reply, type: replyType };
}
