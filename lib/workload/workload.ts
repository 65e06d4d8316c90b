/**
 * The interface of a workload: a generator of operations, a client that makes them, and a checker
 * that judges the resulting history. A workload does not depend on the engine that runs it.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { Verdict } from "../check/mod.ts";
import type { History } from "../history/mod.ts";
import type { Body, Schema } from "../wire/mod.ts";
import type { Generator, Invocation } from "./generator.ts";
import type { TestOptions } from "./options.ts";
import type { StateReads } from "./state_reads.ts";

/** A client's connection to one node. It carries one request at a time. */
export interface Connection {
  /** The id of the node. */
  readonly node: string;
  /**
   * Sends a request and waits for its reply.
   *
   * @param timeoutMs How long to wait, 5,000 by default.
   * @throws {RpcError} The node replied with an error, or, with code 0, the request timed out.
   * @throws {MalformedReplyError} The reply does not match the schema.
   */
  call<T>(request: Body, reply: Schema<T>, timeoutMs?: number): Promise<T>;
}

/** How an operation ended. */
export interface Completion {
  /** `ok`: it took effect; `fail`: it had none and will have none; `info`: unknown. */
  readonly type: "ok" | "fail" | "info";
  /** The invocation's value when not given. */
  readonly value?: unknown;
  /** Why it did not succeed: an error's name, or `[name, text]`. */
  readonly error?: unknown;
  /** Further fields of the completion in the history; the invocation's when not given. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Makes a workload's operations on one node. */
export interface Client {
  /** Makes one operation. An error that it throws ends the operation `info`. */
  invoke(invocation: Invocation): Promise<Completion>;
}

/** What a checker may use besides the history. */
export interface CheckContext {
  /** The options of the test. */
  readonly options: TestOptions;
  /** Milliseconds on a clock that bounds the time of a check. */
  now(): number;
}

/** The type of the verdicts of a workload's checker. */
export type VerdictOf<W extends Workload> = ReturnType<W["check"]>;

/**
 * A workload whose checker returns verdicts of type `V`. Take randomness from the `random` of its
 * functions: a workload that calls `Math.random()` is not repeated by its seed.
 *
 * @example A workload for locks, and a node that passes it
 * ```ts
 * import { type Node, RpcError } from "@gossip/workbench/node";
 * import { simulate } from "@gossip/workbench/testing";
 * import { defineRpc, forever, schema, withErrors, type Workload } from "@gossip/workbench/workload";
 *
 * const acquire = defineRpc("acquire", { client: schema.string }, {});
 *
 * const onceOnly: Workload = {
 *   name: "once-only",
 *   summary: "a lock that only one client gets",
 *   generator: (_options, random) =>
 *     forever(() => ({ f: "acquire", value: `client ${random.integer(100)}` })),
 *   client: (connection) => ({
 *     invoke: ({ value }) =>
 *       withErrors(false, async () => {
 *         await acquire(connection, { client: String(value) });
 *         return { type: "ok" };
 *       }),
 *   }),
 *   check: (history) => ({
 *     "valid?": history.filter(({ f, type }) => f === "acquire" && type === "ok").length <= 1,
 *   }),
 * };
 *
 * function lock(node: Node) {
 *   let isTaken = false;
 *   node.on("acquire", () => {
 *     if (isTaken) throw new RpcError(22, "taken");
 *     isTaken = true;
 *     return { type: "acquire_ok" };
 *   });
 * }
 * const run = await simulate(lock, onceOnly, { nodes: 1, timeLimitSeconds: 2, seed: 1 });
 * run.expectValid();
 * ```
 */
export interface Workload<V extends Verdict = Verdict> {
  /** The name, which is also that of the folder for results. */
  readonly name: string;
  /** What it tests, in one line. */
  readonly summary: string;
  /**
   * The workload's own defaults for a test on these nodes, where the defaults of all workloads do
   * not suit it. The command line keeps Maelstrom's defaults and does not use them.
   */
  defaults?(nodes: readonly string[]): Partial<TestOptions>;
  /** Describes what is wrong with the options; undefined when they are valid. */
  problem?(options: TestOptions): string | undefined;
  /** Generates the operations of the main phase. */
  generator(options: TestOptions, random: Random): Generator;
  /**
   * Generates the operations of the final phase. Before it, the workbench heals all faults and waits
   * ten seconds. `main` is the history of the main phase.
   */
  finalGenerator?(options: TestOptions, random: Random, main: History): Generator;
  /** Prepares the nodes before the first operation, on a connection to each node. */
  setUp?(connections: readonly Connection[], options: TestOptions): Promise<void>;
  /** Makes a client on a connection. */
  client(connection: Connection, options: TestOptions): Client;
  /** How many milliseconds a client waits for a reply; 5,000 if absent. */
  clientTimeoutMs?(options: TestOptions): number;
  /** Whether a client stays in use after an operation that ended `info` (Jepsen's `reusable?`). */
  readonly reusesClients?: boolean;
  /** Functions of operations that need no `ok` for a valid run. */
  readonly mayNeverSucceed?: readonly string[];
  /** How an exploration reads the state of the nodes; absent when no operation only reads. */
  readonly reads?: StateReads;
  /** Judges a history. */
  check(history: History, context: CheckContext): V;
}
