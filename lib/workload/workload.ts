/**
 * What a workload is: a generator of requests, a client that makes them, and a checker that judges
 * what came of them. A workload does not know which engine runs it.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { Verdict } from "../check/mod.ts";
import type { History } from "../history/mod.ts";
import type { Body, Schema } from "../wire/mod.ts";
import type { Generator, Invocation } from "./generator.ts";
import type { TestOptions } from "./options.ts";

/** A client's line to the node it asks: one request at a time. */
export interface Connection {
  /** The id of the node. */
  readonly node: string;
  /**
   * Sends a request and waits for its reply, for 5,000 ms unless told otherwise. Throws an
   * `RpcError` for an error reply and, with code 0, when no reply comes in time; throws a
   * `MalformedReplyError` when the reply is not as the schema says.
   */
  call<T>(request: Body, reply: Schema<T>, timeoutMs?: number): Promise<T>;
}

/** How an operation ended. A value that is not given is the invocation's. */
export interface Completion {
  readonly type: "ok" | "fail" | "info";
  readonly value?: unknown;
  readonly error?: unknown;
  /** Whatever else the history is to say of it, in place of what it said of the invocation. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Makes a workload's operations on one node. What `invoke` throws ends the operation as `info`. */
export interface Client {
  /** Makes one operation. */
  invoke(invocation: Invocation): Promise<Completion>;
}

/** What a checker may need beside the history. */
export interface CheckContext {
  readonly options: TestOptions;
  /** Milliseconds on a clock that only measures how long a check takes. */
  now(): number;
}

/** A workload. */
export interface Workload {
  readonly name: string;
  /** What it tests, in one line. */
  readonly summary: string;
  /** What is wrong with the options; undefined when nothing is. */
  problem?(options: TestOptions): string | undefined;
  /** The requests of the main phase. */
  generator(options: TestOptions, random: Random): Generator;
  /**
   * The requests of the final phase. A workload that has one ends with: heal all faults, wait ten
   * seconds, final requests. `main` is the history of the main phase.
   */
  finalGenerator?(options: TestOptions, random: Random, main: History): Generator;
  /** What is to be done before the first operation, on a connection to each node. */
  setUp?(connections: readonly Connection[], options: TestOptions): Promise<void>;
  /** A client on a connection. */
  client(connection: Connection, options: TestOptions): Client;
  /** Whether a client goes on with its connection after an operation that ended `info`. */
  readonly reusesClients?: boolean;
  /** Operations that need not have a single `ok` for the run to be valid. */
  readonly mayFail?: readonly string[];
  /** Judges a history. */
  check(history: History, context: CheckContext): Verdict;
}
