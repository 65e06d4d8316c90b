/**
 * Runs a node function: takes lines or messages in, calls handlers, sends what they answer.
 *
 * Nothing that comes in takes a node down: a malformed line is reported on its log and skipped, an
 * unknown type is answered with error 10, a handler that throws with error 13. Messages that arrive
 * before `init` (peers may gossip early) wait for it and are then handled in order; so do timers.
 *
 * @module
 */

import { nestsDeeperThan, parseJson } from "../base/mod.ts";
import {
  type Body,
  ErrorCode,
  type Fields,
  type Infer,
  isClientId,
  type Message,
  RpcError,
  type Schema,
  schema,
  toMessage,
} from "../wire/mod.ts";
import { Calls } from "./calls.ts";
import { type FlagValues, type NodeFlags, parseNodeFlags, refuseArguments } from "./flags.ts";
import { Handlers } from "./handlers.ts";
import type { Host } from "./host.ts";
import { KeyValueStore, TimestampOracle } from "./kv.ts";
import type { CancelTimer, Handler, Node, NodeFunction, RpcOptions } from "./node.ts";
import { Timers } from "./timers.ts";

const MOST_EARLY_MESSAGES = 10_000;
/**
 * A client's message may be so deep. What it holds goes on inside larger messages, which the
 * workbench and Maelstrom's reader take up to a depth of 1,000, as {@link schema.json} does.
 */
const MOST_NESTING = 500;

interface Identity {
  readonly id: string;
  readonly nodes: readonly string[];
  readonly peers: readonly string[];
}

const initRequest = schema.object({
  node_id: schema.string,
  node_ids: schema.array(schema.string),
});

const initOk: Body = { type: "init_ok" };

/** The runtime of one node: what the node function sees as its {@link Node}. */
export class NodeRuntime implements Node {
  readonly kv: Node["kv"];
  readonly tso: TimestampOracle;
  readonly #host: Host;
  readonly #args: readonly string[];
  readonly #calls: Calls;
  readonly #handlers: Handlers;
  readonly #timers: Timers;
  readonly #early: Message[] = [];
  #identity: Identity | undefined;
  #argsRead = false;

  /**
   * Wires `program` to its surroundings. Throws what it throws, and a `UsageError` when there are
   * arguments that it never looks at.
   */
  constructor(program: NodeFunction, host: Host, args: readonly string[] = []) {
    this.#host = host;
    this.#args = args;
    this.#calls = new Calls(host, (dest, body) => this.send(dest, body));
    this.#handlers = new Handlers(this);
    this.#timers = new Timers(host);
    const rpc = this.rpc.bind(this);
    this.kv = {
      lin: new KeyValueStore("lin-kv", rpc, this),
      seq: new KeyValueStore("seq-kv", rpc, this),
      lww: new KeyValueStore("lww-kv", rpc, this),
    };
    this.tso = new TimestampOracle(rpc);
    program(this);
    if (args.length > 0 && !this.#argsRead) refuseArguments(args);
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

  get args(): readonly string[] {
    this.#argsRead = true;
    return this.#args;
  }

  flags<F extends NodeFlags>(table: F): FlagValues<F> {
    return parseNodeFlags(this.args, table);
  }

  on(type: string, handler: Handler): void;
  on<F extends Fields>(type: string, fields: F, handler: Handler<never>): void;
  on(type: string, fieldsOrHandler: Fields | Handler, handler?: Handler<never>): void {
    const [given, request] = typeof fieldsOrHandler === "function"
      ? [fieldsOrHandler, undefined]
      : [handler as Handler, schema.object(fieldsOrHandler)];
    this.#handlers.add(type, type === "init" ? thenInitOk(given) : given, request);
  }

  send(dest: string, body: Body): void {
    this.#host.transmit({ src: this.id, dest, body });
  }

  reply(request: Message, body: Body): void {
    const { msg_id } = request.body;
    if (msg_id !== undefined) this.send(request.src, { ...body, in_reply_to: msg_id });
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
    return this.#timers.after(milliseconds, fn);
  }

  every(milliseconds: number, fn: () => unknown): CancelTimer {
    return this.#timers.every(milliseconds, fn);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#timers.after(milliseconds, resolve));
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
    if (isClientId(message.src) && nestsDeeperThan(line, MOST_NESTING)) this.#refuseDeep(message);
    else this.receive(message);
  }

  /** Takes a message. */
  receive(message: Message): void {
    if (message.body.in_reply_to !== undefined) {
      this.#calls.settle(message.src, message.body);
    } else if (message.body.type === "init") {
      this.#init(message);
    } else if (this.#identity !== undefined) {
      this.#handlers.handle(message);
    } else if (this.#early.length < MOST_EARLY_MESSAGES) {
      this.#early.push(message);
    } else {
      this.log(`a message was dropped: ${MOST_EARLY_MESSAGES} came before init`);
    }
  }

  /**
   * Tells the node that no more input will come: calls under way end with a timeout. Resolves when
   * all handlers are done.
   */
  finish(): Promise<void> {
    this.#calls.close();
    return this.#handlers.idle();
  }

  #refuseDeep(message: Message): void {
    const text = `a message may nest ${MOST_NESTING} deep`;
    this.log(`a '${message.body.type}' from ${message.src} was refused: ${text}`);
    if (this.#identity === undefined) return;
    this.reply(message, new RpcError(ErrorCode.malformedRequest, text).toBody());
  }

  #known(): Identity {
    if (this.#identity === undefined) {
      throw new Error('a node knows its id and its peers only after init; use on("init", …)');
    }
    return this.#identity;
  }

  #init(message: Message): void {
    if (this.#identity !== undefined) return this.reply(message, initOk);
    const { body } = message;
    const problem = initRequest.problem(body, "init");
    if (problem !== undefined) return this.#refuseInit(message, problem);
    const { node_id: id, node_ids: nodes } = body as Body & Infer<typeof initRequest>;
    this.#identity = { id, nodes, peers: nodes.filter((node) => node !== id) };
    this.#timers.begin();
    this.#handlers.handle(message, () => initOk);
    for (const early of this.#early.splice(0)) this.#handlers.handle(early);
  }

  #refuseInit(message: Message, problem: string): void {
    this.log(`init was refused: ${problem}`);
    const { msg_id } = message.body;
    if (msg_id === undefined) return;
    const error = new RpcError(ErrorCode.malformedRequest, problem).toBody();
    // Without an id of its own yet, the node answers from the one that the message was meant for.
    const body = { ...error, in_reply_to: msg_id };
    this.#host.transmit({ src: message.dest, dest: message.src, body });
  }
}

/** What a node wants to do about `init` decides when it is answered, but not how. */
function thenInitOk(handler: Handler): Handler {
  return (body, message) => {
    const done = handler(body, message);
    return done instanceof Promise ? done.then(() => initOk) : initOk;
  };
}
