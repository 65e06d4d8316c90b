/**
 * The {@link Node} that a program receives, on top of a {@link Host}.
 *
 * @module
 */

import { InvariantError } from "../base/mod.ts";
import type { Endpoint } from "../contract/mod.ts";
import {
  type Body,
  ErrorCode,
  type Fields,
  type Message,
  RpcError,
  type Schema,
  schema,
} from "../wire/mod.ts";
import { Calls } from "./calls.ts";
import { Handlers } from "./handlers.ts";
import type { Host } from "./host.ts";
import { IncomingRequest } from "./incoming_request.ts";
import { KeyValueStore, TimestampOracle } from "./kv.ts";
import type { CancelTimer, Handler, Node, RpcOptions } from "./node.ts";
import type { Storage } from "./storage/storage.ts";
import { Timers } from "./timers.ts";

/** A node's id, the ids of all nodes, and whether the node has a disk. */
export interface NodeIdentity {
  readonly id: string;
  readonly nodes: readonly string[];
  readonly persists: boolean;
}

/** 36⁶ ≈ 2 × 10⁹ names: short, because protocols send them in most messages. */
const INCARNATION_LENGTH = 6;
const INCARNATION_RADIX = 36;

/** A node's view of its cluster. */
export class NodeContext implements Node {
  readonly id: string;
  readonly nodes: readonly string[];
  readonly peers: readonly string[];
  readonly incarnation: string;
  readonly kv: Node["kv"];
  readonly tso: TimestampOracle;
  readonly #calls: Calls;
  readonly #handlers: Handlers;
  /** Returns the state that the program exposes. */
  readState: () => unknown = () => undefined;
  readonly #host: Host;
  readonly #timers: Timers;
  readonly #startMs: number;
  readonly #persists: boolean;
  #storage: Storage | undefined;

  constructor({ id, nodes, persists }: NodeIdentity, host: Host) {
    this.id = id;
    this.nodes = nodes;
    this.#persists = persists;
    this.peers = nodes.filter((node) => node !== id);
    this.incarnation = Math.floor(host.random() * INCARNATION_RADIX ** INCARNATION_LENGTH)
      .toString(INCARNATION_RADIX).padStart(INCARNATION_LENGTH, "0");
    this.#host = host;
    this.#startMs = host.monotonic();
    this.#timers = new Timers(host);
    this.#calls = new Calls(host, (dest, body) => this.send(dest, body));
    this.#handlers = new Handlers(
      host,
      () => this.monotonic(),
      (request, body) => this.reply(request, body),
    );
    const rpc = this.rpc.bind(this);
    this.kv = {
      lin: new KeyValueStore("lin-kv", rpc, this),
      seq: new KeyValueStore("seq-kv", rpc, this),
      lww: new KeyValueStore("lww-kv", rpc, this),
    };
    this.tso = new TimestampOracle(rpc);
  }

  on(type: string | Endpoint, fieldsOrHandler: Fields | object, handler?: object): void {
    const name = typeof type === "string" ? type : type.type;
    if (name === "init") {
      throw new Error(
        "a program runs when init arrives, so it needs no handler for it: move the handler's code " +
          "into the program, and return a promise to delay init_ok",
      );
    }
    if (typeof type !== "string") {
      this.#handlers.add(name, {
        handler: fieldsOrHandler as Handler,
        fields: schema.object(type.request),
        replyType: `${name}_ok`,
      });
    } else if (handler === undefined) {
      this.#handlers.add(name, { handler: fieldsOrHandler as Handler });
    } else {
      const fields = schema.object(fieldsOrHandler as Fields);
      this.#handlers.add(name, { handler: handler as Handler, fields });
    }
  }

  get storage(): Storage {
    if (this.#persists) this.#storage ??= this.#host.openStorage?.(this.id);
    if (this.#storage !== undefined) return this.#storage;
    throw new Error(
      "node.storage is for programs that persist: write defineNode({ persists: true, … }, …) or " +
        "withFlags({ persists: true, … }, …)",
    );
  }

  /** Handles a message, or settles the call that it replies to. */
  deliver(message: Message): void {
    if (message.body.in_reply_to !== undefined) this.#calls.settle(message.src, message.body);
    else this.#handlers.handle(message);
  }

  /**
   * Returns whether the program has registered the message's handler, or the message is a reply.
   */
  canHandle({ body }: Message): boolean {
    return body.in_reply_to !== undefined || this.#handlers.has(body.type);
  }

  /** Ends outstanding calls; resolves when no handler is running. */
  finish(): Promise<void> {
    this.#calls.close();
    return this.#handlers.idle();
  }

  send(dest: string, body: Body): void {
    this.#host.transmit({ src: this.id, dest, body });
  }

  reply(request: Pick<IncomingRequest, "src" | "body">, body: Body): void {
    if (request instanceof IncomingRequest) request.isAnswered = true;
    const { msg_id } = request.body;
    if (msg_id !== undefined) this.send(request.src, { ...body, in_reply_to: msg_id });
  }

  rpc(dest: string, body: Body, options: RpcOptions = {}): Promise<Body> {
    return this.#calls.begin(dest, body, options);
  }

  async rpcFor<T>(dest: string, body: Body, reply: Schema<T>, options?: RpcOptions): Promise<T> {
    const received = await this.rpc(dest, body, options);
    const problem = reply.problem(received, "the reply");
    if (problem !== undefined) {
      throw new RpcError(ErrorCode.crash, `'${body.type}' to ${dest}: ${problem}`);
    }
    return received as T;
  }

  after(delayMs: number, fn: () => unknown): CancelTimer {
    return this.#timers.after(delayMs, fn);
  }

  every(intervalMs: number, fn: () => unknown): CancelTimer {
    return this.#timers.every(intervalMs, fn);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#timers.after(delayMs, resolve));
  }

  now(): number {
    return this.#host.now();
  }

  monotonic(): number {
    return this.#host.monotonic() - this.#startMs;
  }

  random(): number {
    return this.#host.random();
  }

  log(text: string): void {
    this.#host.log(text);
  }

  sometimes(text: string): void {
    this.#host.sometimes(text);
  }

  always(condition: boolean, text: string): void {
    if (!condition) throw new InvariantError(text);
  }

  exposeState(read: () => unknown): void {
    this.readState = read;
  }
}
