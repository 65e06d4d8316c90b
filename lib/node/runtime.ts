/**
 * Runs a node function: takes lines or messages in, calls handlers, sends what they answer.
 *
 * Nothing that comes in takes a node down: a malformed line is reported on its log and skipped, an
 * unknown type is answered with error 10, a handler that throws with error 13. Messages that arrive
 * before `init` (peers may gossip early) wait for it and are then handled in order; so do timers.
 *
 * @module
 */

import { parseJson } from "../base/mod.ts";
import {
  type Body,
  ErrorCode,
  type Message,
  RpcError,
  type Schema,
  toMessage,
} from "../wire/mod.ts";
import { schema } from "../wire/mod.ts";
import type { Fields } from "../wire/mod.ts";
import { Calls } from "./calls.ts";
import { type FlagValues, type NodeFlags, parseNodeFlags } from "./flags.ts";
import type { Host } from "./host.ts";
import { KeyValueStore, TimestampOracle } from "./kv.ts";
import type { CancelTimer, Handler, Node, NodeFunction, RpcOptions } from "./node.ts";

const MOST_EARLY_MESSAGES = 10_000;

interface Identity {
  readonly id: string;
  readonly nodes: readonly string[];
  readonly peers: readonly string[];
}

interface HandlerEntry {
  readonly handler: Handler;
  readonly request: Schema<unknown> | undefined;
}

const initRequest = schema.object({
  node_id: schema.string,
  node_ids: schema.array(schema.string),
});

/** The runtime of one node: what the node function sees as its {@link Node}. */
export class NodeRuntime implements Node {
  readonly args: readonly string[];
  readonly kv: Node["kv"];
  readonly tso: TimestampOracle;
  readonly #host: Host;
  readonly #calls: Calls;
  readonly #handlers = new Map<string, HandlerEntry>();
  #identity: Identity | undefined;
  #early: Message[] = [];
  #earlyTimers: (() => void)[] = [];
  #handling = 0;
  #onIdle: (() => void)[] = [];

  /** Wires `program` to its surroundings; throws what it throws. */
  constructor(program: NodeFunction, host: Host, args: readonly string[] = []) {
    this.args = args;
    this.#host = host;
    this.#calls = new Calls(host, (dest, body) => this.send(dest, body));
    const rpc = this.rpc.bind(this);
    this.kv = {
      lin: new KeyValueStore("lin-kv", rpc, this),
      seq: new KeyValueStore("seq-kv", rpc, this),
      lww: new KeyValueStore("lww-kv", rpc, this),
    };
    this.tso = new TimestampOracle(rpc);
    program(this);
  }

  get id(): string {
    return this.#known().id;
  }

  get nodes(): readonly string[] {
    return this.#known().nodes;
  }

  get peers(): readonly string[] {
    return this.#known().peers;
  }

  flags<F extends NodeFlags>(table: F): FlagValues<F> {
    return parseNodeFlags(this.args, table);
  }

  on(type: string, handler: Handler): void;
  on<F extends Fields>(type: string, fields: F, handler: Handler<never>): void;
  on(type: string, fieldsOrHandler: Fields | Handler, handler?: Handler<never>): void {
    if (this.#handlers.has(type)) throw new Error(`there is a handler for '${type}' already`);
    const entry = typeof fieldsOrHandler === "function"
      ? { handler: fieldsOrHandler, request: undefined }
      : { handler: handler as Handler, request: schema.object(fieldsOrHandler) };
    this.#handlers.set(type, entry);
  }

  send(dest: string, body: Body): void {
    this.#host.transmit({ src: this.id, dest, body });
  }

  reply(request: Message, body: Body): void {
    const id = request.body.msg_id;
    if (id !== undefined) this.send(request.src, { ...body, in_reply_to: id });
  }

  rpc(dest: string, body: Body, options: RpcOptions = {}): Promise<Body> {
    return this.#calls.begin(dest, body, options);
  }

  async rpcFor<T>(dest: string, body: Body, reply: Schema<T>, options?: RpcOptions): Promise<T> {
    const answer = await this.rpc(dest, body, options);
    const problem = reply.problem(answer, "the reply");
    if (problem !== undefined) {
      throw new RpcError(ErrorCode.crash, `'${body.type}' to ${dest}: ${problem}`);
    }
    return answer as T;
  }

  after(milliseconds: number, fn: () => unknown): CancelTimer {
    let cancelled = false;
    let stop = () => {};
    this.#whenStarted(() => {
      if (!cancelled) stop = this.#host.startTimer(milliseconds, () => this.#guard(fn));
    });
    return () => {
      cancelled = true;
      stop();
    };
  }

  every(milliseconds: number, fn: () => unknown): CancelTimer {
    let stop = () => {};
    const schedule = () => {
      stop = this.after(milliseconds, () => {
        schedule();
        return fn();
      });
    };
    schedule();
    return () => stop();
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  now(): number {
    return this.#host.now();
  }

  random(): number {
    return this.#host.random();
  }

  log(text: string): void {
    this.#host.log(text);
  }

  /** Takes a line of input. Reports one that is no message and skips it; skips blank ones quietly. */
  receiveLine(line: string): void {
    let message: Message;
    try {
      message = toMessage(parseJson(line));
    } catch (error) {
      if (line.trim() !== "") this.log(`a line of input was skipped: ${(error as Error).message}`);
      return;
    }
    this.receive(message);
  }

  /** Takes a message. */
  receive(message: Message): void {
    if (message.body.in_reply_to !== undefined) {
      this.#calls.settle(message.src, message.body);
    } else if (message.body.type === "init") {
      this.#start(message);
    } else if (this.#identity === undefined) {
      if (this.#early.length < MOST_EARLY_MESSAGES) this.#early.push(message);
      else this.log(`a message was dropped: ${MOST_EARLY_MESSAGES} came before init`);
    } else {
      this.#handle(message);
    }
  }

  /**
   * Tells the node that no more input will come: calls under way end with a timeout. Resolves when
   * all handlers are done.
   */
  async finish(): Promise<void> {
    this.#calls.close();
    while (this.#handling > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  #known(): Identity {
    if (this.#identity === undefined) {
      throw new Error('a node knows its id and its peers only after init; use on("init", …)');
    }
    return this.#identity;
  }

  #start(message: Message): void {
    if (this.#identity !== undefined) return this.reply(message, { type: "init_ok" });
    const problem = initRequest.problem(message.body, "init");
    if (problem !== undefined) {
      const error = new RpcError(ErrorCode.malformedRequest, problem);
      const body = { ...error.toBody(), in_reply_to: message.body.msg_id ?? 0 };
      return this.#host.transmit({ src: message.dest, dest: message.src, body });
    }
    const { node_id: id, node_ids: nodes } = message.body as Body & {
      readonly node_id: string;
      readonly node_ids: readonly string[];
    };
    this.#identity = { id, nodes, peers: nodes.filter((node) => node !== id) };
    const timers = this.#earlyTimers;
    const messages = this.#early;
    this.#earlyTimers = [];
    this.#early = [];
    for (const start of timers) start();
    const entry = this.#handlers.get("init");
    this.#answer(message, (body) => {
      const done = entry?.handler(body, message);
      return done instanceof Promise ? done.then(() => ({ type: "init_ok" })) : { type: "init_ok" };
    });
    for (const early of messages) this.#handle(early);
  }

  #whenStarted(start: () => void): void {
    if (this.#identity === undefined) this.#earlyTimers.push(start);
    else start();
  }

  #handle(message: Message): void {
    const entry = this.#handlers.get(message.body.type);
    if (entry === undefined) {
      const text = `this node knows no requests of type '${message.body.type}'`;
      return this.reply(message, new RpcError(ErrorCode.notSupported, text).toBody());
    }
    const problem = entry.request?.problem(message.body, message.body.type);
    if (problem !== undefined) {
      return this.reply(message, new RpcError(ErrorCode.malformedRequest, problem).toBody());
    }
    this.#answer(message, entry.handler);
  }

  #answer(message: Message, handler: Handler): void {
    try {
      const reply = handler(message.body, message);
      if (reply instanceof Promise) this.#answerLater(message, reply);
      else if (reply !== undefined) this.reply(message, reply);
    } catch (error) {
      this.#answerError(message, error);
    }
  }

  async #answerLater(message: Message, promise: Promise<Body | void>): Promise<void> {
    this.#handling++;
    try {
      const reply = await promise;
      if (reply !== undefined) this.reply(message, reply);
    } catch (error) {
      this.#answerError(message, error);
    } finally {
      this.#handling--;
      if (this.#handling === 0) this.#onIdle.splice(0).forEach((resolve) => resolve());
    }
  }

  #answerError(message: Message, error: unknown): void {
    if (error instanceof RpcError) return this.reply(message, error.toBody());
    this.log(`the handler of '${message.body.type}' threw: ${stackOf(error)}`);
    const text = error instanceof Error ? error.message : String(error);
    this.reply(message, new RpcError(ErrorCode.crash, text).toBody());
  }

  async #guard(fn: () => unknown): Promise<void> {
    try {
      const result = fn();
      if (result instanceof Promise) await result;
    } catch (error) {
      this.log(`a timer's function threw: ${stackOf(error)}`);
    }
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
