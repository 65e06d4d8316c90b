/**
 * The interface that a node's author programs against.
 *
 * A program is a function of a {@link Node}. It runs once, when the node has received `init`, which
 * names the node and its peers. It registers handlers and timers. Everything non-deterministic
 * (time, randomness, messages) comes from the {@link Node}. The same function therefore runs as a
 * process over stdin and stdout, or many times in one process under virtual time.
 *
 * @module
 */

import type { Contract, Endpoint, ReplyOf, RequestOf } from "../contract/mod.ts";
import type { Body, Fields, InferFields, Schema } from "../wire/mod.ts";
import type { KeyValueStore, TimestampOracle } from "./kv.ts";
import type { IncomingRequest } from "./incoming_request.ts";
import type { Storage } from "./storage/storage.ts";

/** A handler's result: a reply's body, nothing (no reply is sent), or a promise of either. */
export type Reply = Body | void | Promise<Body | void>;

/** Handles messages of one type: `body` is the message's body, `request` the whole message. */
export type Handler<B = Body> = (body: B, request: IncomingRequest) => Reply;

/**
 * The body of a reply to an endpoint. Its `type` may be left out: the library adds it.
 *
 * The index signature keeps the compiler from accepting other fields, and promises as bodies.
 */
export type ReplyBody<E extends Endpoint> =
  & { readonly type?: `${E["type"]}_ok` }
  & ReplyOf<E>
  & { readonly [field: string]: ReplyOf<E>[keyof ReplyOf<E>] | `${E["type"]}_ok` | undefined };

/**
 * Handles the requests of one {@link Endpoint}; the compiler checks the reply's type and fields.
 */
export type EndpointHandler<E extends Endpoint> = (
  body: RequestOf<E>,
  request: IncomingRequest,
) => ReplyBody<E> | Promise<ReplyBody<E>>;

/** One handler for each request type of a contract. */
export type ContractHandlers<C extends Contract> = {
  readonly [T in keyof C]: EndpointHandler<C[T]>;
};

/** Cancels a timer. Calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** The options of a request to another node or a service. */
export interface RpcOptions {
  /**
   * Milliseconds for the whole call, retransmissions included: 1,000 by default, Infinity for none.
   */
  readonly timeoutMs?: number;
  /**
   * Ends the call when it aborts. Pass a client's `request.signal` on, so that no work outlives it.
   */
  readonly signal?: AbortSignal;
  /** Retransmits the request until a reply arrives; by default it is sent once. */
  readonly retry?: RetryOptions;
}

/**
 * Retransmission with exponential back-off and jitter, see {@link Backoff}. A retransmission keeps
 * the request's `msg_id`, so that the receiver can detect duplicates. The request must be
 * idempotent.
 */
export interface RetryOptions {
  /** Milliseconds before the first retransmission, above 0. */
  readonly minMs: number;
  /** The factor between two delays, at least 1; 2 by default. */
  readonly factor?: number;
  /** The longest delay in milliseconds; 10 × `minMs` by default. */
  readonly maxMs?: number;
  /** Error codes that do not end the call, such as 11 (temporarily-unavailable). */
  readonly codes?: readonly number[];
}

/** A node's view of its cluster, its clocks and its services. */
export interface Node {
  /** This node's id. */
  readonly id: string;
  /** The ids of all nodes, this one included, in the order of `init`. */
  readonly nodes: readonly string[];
  /** The ids of all other nodes, in the order of `init`. */
  readonly peers: readonly string[];
  /**
   * The name of this incarnation. A node that restarts has a new one, so that its peers can
   * distinguish the two (SWIM, Das et al. 2002, section 4.2). It is six random characters, which
   * keeps messages short: two incarnations of a node share a name with a probability of 1 in 2 ×
   * 10⁹.
   */
  readonly incarnation: string;

  /**
   * Registers the handler for a message type. Its result is sent to a sender that expects a reply
   * (one whose message has a `msg_id`). A thrown {@link RpcError} is sent as that error. Any other
   * throw is logged and sent as error 13 (crash).
   *
   * A handler of a client's request has until `request.deadline`; then `request.signal` aborts. If
   * the handler still does not reply, the library replies with error 0 (timeout) and drops the
   * handler's own reply. See {@link IncomingRequest}.
   *
   * With an endpoint of a contract or with fields, the library validates each message: it answers
   * an invalid one with error 12 (malformed-request), and the handler can rely on its body.
   *
   * Throws an Error if the type has a handler already, or is `init`: the program itself runs at
   * `init`, and `init_ok` is sent when the program's promise, if it returns one, resolves.
   */
  on(type: string, handler: Handler): void;
  /** Registers the handler of a message type; a body that its schemas reject gets error 12. */
  on<F extends Fields>(type: string, fields: F, handler: Handler<InferFields<F>>): void;
  /** Registers the handler of a contract's request; what it returns is the reply. */
  on<E extends Endpoint>(endpoint: E, handler: EndpointHandler<E>): void;

  /** Sends a message that expects no reply. */
  send(dest: string, body: Body): void;
  /** Replies to a request, for a handler that returns nothing. Does nothing without a `msg_id`. */
  reply(request: IncomingRequest, body: Body): void;
  /**
   * Sends a request and resolves to the reply's body. Late and duplicate replies are dropped.
   * Rejects with an {@link RpcError}: the error replied, or code 0 (timeout), which is indefinite.
   * Rejects with the signal's reason when it aborts.
   */
  rpc(dest: string, body: Body, options?: RpcOptions): Promise<Body>;
  /** As {@link Node.rpc}, and rejects with error 13 (crash) if the reply does not match `reply`. */
  rpcFor<T>(dest: string, body: Body, reply: Schema<T>, options?: RpcOptions): Promise<T>;

  /** Runs a function once, after `delayMs` milliseconds of {@link Node.monotonic}. */
  after(delayMs: number, fn: () => unknown): CancelTimer;
  /**
   * Runs a function every `intervalMs` milliseconds, for the first time after one interval. It does
   * not wait for a promise that the function returns.
   */
  every(intervalMs: number, fn: () => unknown): CancelTimer;
  /** Resolves after `delayMs` milliseconds. */
  sleep(delayMs: number): Promise<void>;

  /** Wall-clock time in milliseconds since 1970. It may jump, and differs between nodes. */
  now(): number;
  /**
   * Milliseconds since this incarnation started. Never goes back, does not jump with the wall
   * clock.
   */
  monotonic(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** Writes a line to the node's log (stderr). */
  log(text: string): void;

  /**
   * Marks a rare path as reached. `deno task explore` reports in how many seeds each mark was
   * reached, and which marks no seed reached (after Antithesis's and stateright's "sometimes"
   * properties); in some cases a fault begins shortly after a mark. Use a constant text.
   */
  sometimes(text: string): void;
  /**
   * Asserts an invariant of the protocol. A violated one ends a simulated run, which is then
   * invalid, with seed, node and location; a process logs it and exits with 1.
   */
  always(condition: boolean, text: string): void;
  /**
   * Registers a function that returns the node's state, for tests and reports. It is only called in
   * a simulation. Return plain data.
   */
  exposeState(read: () => unknown): void;

  /** Clients of Maelstrom's key-value services. */
  readonly kv: {
    /** lin-kv: linearizable. */
    readonly lin: KeyValueStore;
    /** seq-kv: sequentially consistent; a read may return an arbitrarily old value. */
    readonly seq: KeyValueStore;
    /** lww-kv: eventually consistent, last write wins. */
    readonly lww: KeyValueStore;
  };
  /**
   * The node's disk, which outlives its memory. Only for programs that declare `persists: true` in
   * {@link defineNode} or {@link withFlags}; others get an Error.
   */
  readonly storage: Storage;

  /** A client of lin-tso, Maelstrom's timestamp oracle: each call gets a higher integer, from 0. */
  readonly tso: TimestampOracle;
}
