/**
 * A node's handlers, and how requests become answers: the reply that a handler returns or resolves
 * to, error 10 for a type without a handler, 12 for a request that lacks what its handler needs, the
 * code of an {@link RpcError} that it throws, 13 for anything else that it throws.
 *
 * Handlers that answer at once cost no promise: the path from request to reply is synchronous.
 *
 * A client of Maelstrom's waits 5 s and is then gone, and Maelstrom stops listening to a node for good
 * once it answers one that is gone. A handler that has not answered a client by then is therefore
 * answered for, with error 0 (timeout: nobody knows whether it happened), and its own answer dropped.
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
import type { CancelTimer, Handler } from "./node.ts";
import { stackOf } from "./stack_of.ts";

/** How long a client's request may take, in milliseconds: a little less than the client waits. */
const CLIENTS_WAIT_MS = 4500;

/** What the handlers' answers go through. */
export interface Answering {
  /** Answers a request; does nothing when it wants no reply. */
  reply(request: Message, body: Body): void;
  /** Runs a function once, after so many milliseconds. */
  after(milliseconds: number, fn: () => unknown): CancelTimer;
  /** Takes a line of the node's log. */
  log(line: string): void;
}

interface Entry {
  readonly handler: Handler;
  readonly request: Schema<unknown> | undefined;
}

/** The handlers of one node. */
export class Handlers {
  readonly #node: Answering;
  readonly #entries = new Map<string, Entry>();
  #underWay = 0;
  readonly #onIdle: (() => void)[] = [];

  constructor(node: Answering) {
    this.#node = node;
  }

  /** Registers the handler of a type. Throws when there is one already. */
  add(type: string, handler: Handler, request?: Schema<unknown>): void {
    if (this.#entries.has(type)) throw new Error(`there is a handler for '${type}' already`);
    this.#entries.set(type, { handler, request });
  }

  /** Has a request answered. `otherwise` handles a type that has no handler. */
  handle(message: Message, otherwise?: Handler): void {
    const { body } = message;
    const entry = this.#entries.get(body.type);
    const handler = entry?.handler ?? otherwise;
    if (handler === undefined) {
      const text = `this node knows no requests of type '${body.type}'`;
      return this.#refuse(message, new RpcError(ErrorCode.notSupported, text));
    }
    const problem = entry?.request?.problem(body, body.type);
    if (problem !== undefined) {
      return this.#refuse(message, new RpcError(ErrorCode.malformedRequest, problem));
    }
    try {
      const reply = handler(body, message);
      if (reply instanceof Promise) this.#answerLater(message, reply);
      else if (reply !== undefined) this.#node.reply(message, reply);
    } catch (error) {
      this.#answerError(message, error);
    }
  }

  /** Resolves when no handler is under way. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  async #answerLater(message: Message, promise: Promise<Body | void>): Promise<void> {
    this.#underWay++;
    const deadline = this.#watchDeadline(message);
    try {
      const reply = await promise;
      if (reply !== undefined && !deadline.passed) this.#node.reply(message, reply);
    } catch (error) {
      if (!deadline.passed) this.#answerError(message, error);
      else this.#node.log(`the handler of '${message.body.type}' threw late: ${stackOf(error)}`);
    } finally {
      deadline.cancel();
      this.#underWay--;
      if (this.#underWay === 0) this.#onIdle.splice(0).forEach((resolve) => resolve());
    }
  }

  /** Answers a client's request with a timeout when its deadline passes. */
  #watchDeadline(message: Message): { passed: boolean; cancel: CancelTimer } {
    const deadline = { passed: false, cancel: () => {} };
    if (!isClientId(message.src) || message.body.type === "init") return deadline;
    deadline.cancel = this.#node.after(CLIENTS_WAIT_MS, () => {
      deadline.passed = true;
      this.#node.log(`a '${message.body.type}' from ${message.src} was not answered in time`);
      const text = `the node had no answer within ${CLIENTS_WAIT_MS} ms`;
      this.#node.reply(message, new RpcError(ErrorCode.timeout, text).toBody());
    });
    return deadline;
  }

  #answerError(message: Message, error: unknown): void {
    if (error instanceof RpcError) return this.#refuse(message, error);
    this.#node.log(`the handler of '${message.body.type}' threw: ${stackOf(error)}`);
    const text = error instanceof Error ? error.message : String(error);
    this.#node.reply(message, new RpcError(ErrorCode.crash, text).toBody());
  }

  /** Answers with an error; one that the sender does not want to know of goes to the log. */
  #refuse(message: Message, error: RpcError): void {
    if (message.body.msg_id !== undefined) this.#node.reply(message, error.toBody());
    else this.#node.log(`a '${message.body.type}' from ${message.src} failed: ${error.message}`);
  }
}
