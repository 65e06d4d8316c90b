/**
 * The nodes under test: starts them, connects them to the network, initialises them, and collects
 * their problems.
 *
 * @module
 */

import { isJsonObject, stringifyJson } from "../base/mod.ts";
import { isClientId, type RawMessage, RpcError, schema } from "../wire/mod.ts";
import { MalformedReplyError } from "../workload/mod.ts";
import { ActiveGrudges, type Grudge, type ProcessControl } from "./fault/mod.ts";
import {
  type DiskDamage,
  type Engine,
  type ExitStatus,
  type NodeHandle,
  NotReadyError,
  type PowerLoss,
  StartError,
} from "./engine.ts";
import { type Network, UndeliverableError } from "./network.ts";
import { NetworkConnection } from "./connection.ts";
import { shorten } from "./shorten.ts";
import { endedBeforeReply, INIT_TIMEOUT_MS, noInitReply } from "./start_failure.ts";

const MAX_PROBLEMS = 100;
const MAX_LINE_LENGTH = 1000;
/** What a node did that an engine ended, by the names of its errors; it did not yield otherwise. */
const FAILURES: Readonly<Record<string, string>> = {
  InvariantError: "violated an invariant",
  BlockedError: "waits forever",
};

/** A violation of the protocol by a node. */
export interface NodeProblem {
  /** The node's id. */
  readonly node: string;
  /**
   * The output; the location in the code of a non-deterministic call or a violated invariant; empty
   * for a failed restart.
   */
  readonly line: string;
  /** Why this is a problem. */
  readonly problem: string;
  /**
   * `ambient-call` for a call to a source of non-determinism, `invariant` for a violated invariant,
   * `no-restart` for a node that did not restart after a fault had killed it; absent for malformed
   * output.
   */
  readonly type?: "ambient-call" | "invariant" | "no-restart";
  /** For output: how Maelstrom handles it. */
  readonly inMaelstrom?: MaelstromReaction;
}

/**
 * How Maelstrom handles malformed output: it accepts the line, or reads no further output of the
 * node. Before the reply to `init`, the latter ends the test with exit code 255.
 */
export type MaelstromReaction = "accepted" | "output-ends" | "init-fails";

/** The exit of a node that no fault had killed. */
export interface UnexpectedExit {
  /** The node's id. */
  readonly node: string;
  /** The exit code, or the signal that ended it. */
  readonly exit: ExitStatus;
  /** The last lines that the node wrote to stdout. */
  readonly stdout: readonly string[];
  /** The last lines that the node wrote to stderr. */
  readonly stderr: readonly string[];
}

/** A cluster's nodes and environment. */
export interface ClusterParts {
  readonly engine: Engine;
  readonly network: Network;
  readonly nodes: readonly string[];
  /** Records a line of a node's log. */
  log(node: string, line: string): void;
  /** Records a mark that a node reached (`node.sometimes`). */
  onReached?(node: string, text: string): void;
  /** Called when a node has violated an invariant, so that the test can end. */
  onInvariantViolation?(): void;
}

const initReply = schema.object({ type: schema.literal("init_ok") });

/** The nodes of one test. */
export class Cluster implements ProcessControl {
  /** The nodes' problems, at most {@link MAX_PROBLEMS}. */
  readonly problems: NodeProblem[] = [];
  readonly #parts: ClusterParts;
  readonly #handles = new Map<string, NodeHandle>();
  readonly #killed = new Set<string>();
  /** The nodes whose disks the nemesis has damaged. */
  readonly #rotten = new Set<string>();
  /** The nodes that have sent a reply to `init`. */
  readonly #initialised = new Set<string>();
  readonly #previousExits: UnexpectedExit[] = [];
  readonly #clockOffsetsMs = new Map<string, number>();
  readonly #grudges = new ActiveGrudges();
  #stopped = false;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  /** Starts all nodes and initialises them. Throws a {@link StartError}. */
  async start(): Promise<void> {
    const { nodes, network } = this.#parts;
    for (const id of nodes) network.add(id, (message) => this.#handles.get(id)?.deliver(message));
    for (const id of nodes) this.#startNode(id);
    await Promise.all(nodes.map((id) => this.#initialise(id)));
  }

  /** Returns the handle of a node that has been started. */
  handleOf(node: string): NodeHandle {
    return this.#handles.get(node) as NodeHandle;
  }

  /** The exits that no fault caused, including those of nodes that a fault has restarted since. */
  crashes(): UnexpectedExit[] {
    const exits = [...this.#previousExits];
    for (const node of this.#handles.keys()) exits.push(...this.#unexpectedExitOf(node));
    return exits;
  }

  /** Kills all nodes; resolves when they have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const node of this.#handles.keys()) this.#killed.add(node);
    await Promise.all([...this.#handles.values()].map((handle) => handle.kill()));
  }

  async kill(node: string): Promise<void> {
    this.#previousExits.push(...this.#unexpectedExitOf(node));
    this.#killed.add(node);
    await this.#handles.get(node)?.kill();
  }

  async losePower(node: string, loss: PowerLoss): Promise<DiskDamage> {
    await this.kill(node);
    const damage = this.#handles.get(node)?.losePower?.(loss);
    if (damage?.isRotten === true) this.#rotten.add(node);
    return damage ?? { lostRecords: 0, isTorn: false, isRotten: false };
  }

  interruptSync(node: string, fraction: number, run: () => void): () => void {
    return this.#handles.get(node)?.interruptSync?.(fraction, run) ?? (() => {});
  }

  /**
   * A failed restart is a problem of the node, and does not end the test. But a node should refuse a
   * damaged disk; it then stays down.
   */
  async restart(node: string): Promise<void> {
    if (this.#stopped || !this.#killed.has(node)) return;
    this.#startNode(node);
    this.#killed.delete(node);
    const offsetMs = this.#clockOffsetsMs.get(node);
    if (offsetMs !== undefined) this.skew(node, offsetMs);
    try {
      await this.#initialise(node);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      if (this.#rotten.has(node)) this.#killed.add(node);
      else this.#addProblem({ node, line: "", problem: error.message, type: "no-restart" });
    }
  }

  pause(node: string): void {
    this.#handles.get(node)?.pause();
  }

  resume(node: string): void {
    this.#handles.get(node)?.resume();
  }

  skew(node: string, offsetMs: number): void {
    this.#clockOffsetsMs.set(node, offsetMs);
    this.#handles.get(node)?.skew?.(offsetMs);
  }

  partition(fault: string, grudge: Grudge): void | Promise<void> {
    this.#grudges.replace(fault, grudge);
    const drops = [...this.#handles].map(([id, handle]) =>
      handle.drop?.(this.#grudges.droppedBy(id))
    );
    if (drops.some((drop) => drop !== undefined)) return Promise.all(drops).then(() => undefined);
  }

  #unexpectedExitOf(node: string): UnexpectedExit[] {
    const handle = this.handleOf(node);
    const { exit } = handle;
    if (exit === undefined || this.#killed.has(node)) return [];
    return [{ node, exit, ...handle.lastLines }];
  }

  #startNode(id: string): void {
    const handle = this.#parts.engine.start(id, {
      sent: (message) => this.#send(id, message),
      observed: (message) => this.#parts.network.send(message),
      malformedOutput: (line, problem, { isAccepted }) =>
        this.#addOutputProblem(id, line, problem, isAccepted),
      logged: (line) => this.#parts.log(id, line),
      nondeterministicCall: (call, location) => this.#addNondeterministicCall(id, call, location),
      reached: (text) => this.#parts.onReached?.(id, text),
      invariantViolated: (error) => this.#addInvariantViolation(id, error),
    });
    this.#handles.set(id, handle);
    handle.drop?.(this.#grudges.droppedBy(id));
  }

  #send(id: string, message: RawMessage): void {
    const problem = messageProblem(id, message);
    if (problem !== undefined) this.#addOutputProblem(id, stringifyJson(message), problem, true);
    if (isJsonObject(message.body) && message.body.type === "init_ok") this.#initialised.add(id);
    try {
      this.#parts.network.send(message);
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error;
      this.#addOutputProblem(id, stringifyJson(message), error.message, false);
    }
  }

  #addOutputProblem(node: string, line: string, problem: string, isAccepted: boolean): void {
    const inMaelstrom = isAccepted
      ? "accepted"
      : this.#initialised.has(node)
      ? "output-ends"
      : "init-fails";
    this.#addProblem({ node, line, problem, inMaelstrom });
  }

  #addProblem(problem: NodeProblem): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ ...problem, line: shorten(problem.line, MAX_LINE_LENGTH) });
  }

  /** Adds each location once, so that a call in a loop does not displace other problems. */
  #addNondeterministicCall(node: string, call: string, location: string): void {
    const problem = `it called ${call}`;
    const known = this.problems.some((other) =>
      other.node === node && other.line === location && other.problem === problem
    );
    if (!known) this.#addProblem({ node, line: location, problem, type: "ambient-call" });
  }

  #addInvariantViolation(node: string, error: Error): void {
    const time = `after ${Math.round(this.#parts.engine.clock.now())} ms`;
    const what = FAILURES[error.name] ?? "did not yield";
    const problem = `it ${what} ${time}: ${error.message}`;
    this.#addProblem({ node, line: locationOf(error), problem, type: "invariant" });
    this.#parts.onInvariantViolation?.();
  }

  async #initialise(id: string): Promise<void> {
    const { network, engine, nodes } = this.#parts;
    const handle = this.handleOf(id);
    const client = new NetworkConnection(network, engine.clock, id);
    try {
      const request = { type: "init", node_id: id, node_ids: [...nodes] };
      const replied = client.call(request, initReply, INIT_TIMEOUT_MS).then(() => undefined);
      const ended = await Promise.race([replied, handle.ended]);
      if (ended !== undefined && !this.#killed.has(id)) {
        throw endedBeforeReply(id, "init", handle, engine.programHint);
      }
    } catch (error) {
      if (this.#killed.has(id)) return;
      throw error instanceof RpcError || error instanceof MalformedReplyError
        ? new NotReadyError(
          noInitReply(client, error, { handle, hint: engine.programHint, problems: this.problems }),
        )
        : error;
    } finally {
      client.close();
    }
  }
}

/** Explains why a node must not send a message that Maelstrom accepts; undefined for other messages. */
function messageProblem(node: string, { src, dest, body }: RawMessage): string | undefined {
  if (src !== node) return `its src is '${src}', but ${node} wrote it`;
  if (!isClientId(dest) || !isJsonObject(body)) return undefined;
  const { in_reply_to: found } = body;
  if (found === undefined || found === null) {
    return `a message to client ${dest} has no in_reply_to; clients only receive replies`;
  }
  return Number.isSafeInteger(found)
    ? undefined
    : `in_reply_to must be an integer, the msg_id of a request; got ${stringifyJson(found)}`;
}

/** Returns where an error was thrown: the first frame outside of the assertion itself. */
function locationOf({ stack = "" }: Error): string {
  const frames = stack.split("\n").filter((line) => line.trimStart().startsWith("at "));
  const frame = frames.find((line) => !/\b(invariant|NodeContext\.always) \(/.test(line));
  return (frame ?? frames[0] ?? "").trim().replace(/^at /, "");
}
