/**
 * What the author of a node programs against. A node is a function that takes a {@link Node} and
 * registers what to do about messages; everything that is not deterministic (time, randomness,
 * messages) comes from it, so that the same function runs as a process over stdin and stdout, or
 * many times in one process under virtual time.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import type { Body, Fields, Infer, InferFields, Message, Schema } from "../wire/mod.ts";
import type { KeyValueStore, TimestampOracle } from "./kv.ts";
import type { FlagValues, NodeFlags } from "./flags.ts";

/** A node's program: wires handlers and timers, and returns. */
export type NodeFunction = (node: Node) => void;

/** What a handler answers: a body, nothing (no reply is sent), or a promise of either. */
export type Reply = Body | void | Promise<Body | void>;

/** What to do about a message: `body` is the message's body, `message` the whole of it. */
export type Handler<B = Body> = (body: B, message: Message) => Reply;

/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** How long to go on with a call, and how. */
export interface RpcOptions {
  /** Milliseconds for the whole call, retries included: 1,000 when not given, Infinity for no end. */
  readonly timeout?: number;
  /** Gives the call up when it is aborted. */
  readonly signal?: AbortSignal;
  /** Sends the request again while no answer comes; never when not given. */
  readonly retry?: RetryOptions;
}

/**
 * Exponential back-off: the k-th retry is sent after `first` · `factor`^(k−1) milliseconds without
 * an answer, never more than `most`, each taken at random between half and the whole of it so that
 * many callers do not retry in step. The request keeps its `msg_id`, so that the receiver can tell
 * a repetition; make it one that may be received twice.
 */
export interface RetryOptions {
  /** Milliseconds before the first retry. */
  readonly first: number;
  /** 2 when not given. */
  readonly factor?: number;
  /** Milliseconds that a wait never exceeds; 10 times the first when not given. */
  readonly most?: number;
  /** Error codes that are taken for no answer rather than thrown, such as 11. */
  readonly codes?: readonly number[];
}

/** A node's view of the world. */
export interface Node {
  /** This node's id. Throws before `init`. */
  readonly id: string;
  /** The ids of all nodes, this one included, in the order of `init`. Throws before `init`. */
  readonly nodes: readonly string[];
  /** The ids of all other nodes. Throws before `init`. */
  readonly peers: readonly string[];
  /** The command line arguments that the node was started with. */
  readonly args: readonly string[];

  /**
   * Reads the command line arguments by a table of flags. A flag that is not in the table, or whose
   * value is wrong, ends the node before it starts, with a message that lists the right ones.
   */
  flags<F extends NodeFlags>(table: F): FlagValues<F>;

  /**
   * Says what to do about messages of a type. What the handler returns is sent back to a sender
   * that wants a reply (one whose message has a `msg_id`). A thrown {@link RpcError} is sent as
   * that error; anything else thrown is reported on stderr and sent as 13 (crash).
   *
   * A client that a promise has kept waiting for 4,500 ms is answered with error 0 (timeout) in its
   * stead: it will be gone after 5 s, and Maelstrom takes it amiss when a node answers it then.
   *
   * With fields, a message that lacks one or has it of another kind is answered with 12
   * (malformed-request) and the handler can rely on what it gets.
   *
   * A handler for `init` runs once the node knows its id; `init_ok` is sent when it is done.
   * Throws if the type has a handler already.
   */
  on(type: string, handler: Handler): void;
  on<F extends Fields>(type: string, fields: F, handler: Handler<InferFields<F>>): void;

  /** Sends a message that wants no reply. */
  send(dest: string, body: Body): void;
  /** Answers a message by hand, for a handler that returned nothing. Does nothing if it wants no reply. */
  reply(request: Message, body: Body): void;
  /**
   * Sends a request and waits for its reply's body. Late and repeated replies are dropped.
   * Throws an {@link RpcError}: the one that was replied, or code 0 (timeout), which is indefinite.
   * Throws the signal's reason when it is aborted.
   */
  rpc(dest: string, body: Body, options?: RpcOptions): Promise<Body>;
  /** As {@link Node.rpc}, but a reply of another shape is thrown as error 13. */
  rpcFor<T>(dest: string, body: Body, reply: Schema<T>, options?: RpcOptions): Promise<T>;

  /** Runs a function once, after so many milliseconds. Timers begin with `init`, not before. */
  after(milliseconds: number, fn: () => unknown): CancelTimer;
  /** Runs a function again and again, so many milliseconds apart; first after one interval. */
  every(milliseconds: number, fn: () => unknown): CancelTimer;
  /** A promise of so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;

  /** Milliseconds since 1970 by this node's clock. Other nodes' clocks may disagree, or jump. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Writes a line to the node's log (stderr). */
  log(text: string): void;

  /** Maelstrom's key-value stores. */
  readonly kv: {
    /** Linearizable. */
    readonly lin: KeyValueStore;
    /** Sequentially consistent: a read may be arbitrarily old. */
    readonly seq: KeyValueStore;
    /** Last write wins: eventually consistent. */
    readonly lww: KeyValueStore;
  };
  /** Maelstrom's timestamp oracle: each call gets a higher integer, from 0. */
  readonly tso: TimestampOracle;
}

/** The type of a request's body after its fields have been checked. */
export type RequestOf<F extends Fields> = InferFields<F>;
export type { Infer, Json };
