/**
 * The nodes under test: starts them, puts them on the network, initialises them, and notes what they
 * do wrong.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import { EXIT_USAGE } from "../node/mod.ts";
import { type RawMessage, RpcError, schema } from "../wire/mod.ts";
import { MalformedReplyError } from "../workload/mod.ts";
import type { ProcessControl } from "./fault/mod.ts";
import {
  type Engine,
  type ExitStatus,
  type NodeHandle,
  NotReadyError,
  StartError,
} from "./engine.ts";
import { type Network, UndeliverableError } from "./network.ts";
import { NetworkConnection } from "./connection.ts";
import { shorten } from "./shorten.ts";

/** How long a node may take to answer `init`, in milliseconds (Maelstrom's). */
export const INIT_TIMEOUT_MS = 10_000;
const MAX_PROBLEMS = 100;
const MAX_LINE_LENGTH = 1000;

/** Something that a node did and must not do. */
export interface NodeProblem {
  readonly node: string;
  /** What it wrote; the place in its code for an ambient call; empty when it did not restart. */
  readonly line: string;
  /** What is wrong with it. */
  readonly problem: string;
  /**
   * Set when it reached past its context for time, randomness or the like, seen in simulations, and
   * when it did not come back after a fault had killed it.
   */
  readonly type?: "ambient-call" | "no-restart";
}

/** A node that was not running at the end although nobody had killed it. */
export interface UnexpectedExit {
  readonly node: string;
  readonly exit: ExitStatus;
  /** The last lines it wrote. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** What a cluster is made of. */
export interface ClusterParts {
  readonly engine: Engine;
  readonly network: Network;
  readonly nodes: readonly string[];
  /** Takes a line of a node's log. */
  log(node: string, line: string): void;
}

const initReply = schema.object({ type: schema.literal("init_ok") });

/** The cluster. */
export class Cluster implements ProcessControl {
  /** What nodes did wrong, the first hundred. */
  readonly problems: NodeProblem[] = [];
  readonly #parts: ClusterParts;
  readonly #handles = new Map<string, NodeHandle>();
  readonly #killed = new Set<string>();
  readonly #earlierCrashes: UnexpectedExit[] = [];
  readonly #clockOffsets = new Map<string, number>();
  #stopped = false;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  /** Starts all nodes and initialises them. Throws a {@link StartError}. */
  async start(): Promise<void> {
    const { nodes, network } = this.#parts;
    for (const id of nodes) network.add(id, (message) => this.#handles.get(id)?.deliver(message));
    for (const id of nodes) this.#launch(id);
    await Promise.all(nodes.map((id) => this.#initialise(id)));
  }

  /** The nodes that ended by themselves, also those that a fault has restarted since. */
  crashes(): UnexpectedExit[] {
    const crashes = [...this.#earlierCrashes];
    for (const node of this.#handles.keys()) crashes.push(...this.#crashOf(node));
    return crashes;
  }

  /** Ends all nodes; resolves when they are gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const node of this.#handles.keys()) this.#killed.add(node);
    await Promise.all([...this.#handles.values()].map((handle) => handle.kill()));
  }

  async kill(node: string): Promise<void> {
    this.#earlierCrashes.push(...this.#crashOf(node));
    this.#killed.add(node);
    await this.#handles.get(node)?.kill();
  }

  /** A node that does not come back is a problem of the node; the test goes on. */
  async restart(node: string): Promise<void> {
    if (this.#stopped) return;
    this.#launch(node);
    this.#killed.delete(node);
    const offset = this.#clockOffsets.get(node);
    if (offset !== undefined) this.skew(node, offset);
    try {
      await this.#initialise(node);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#note({ node, line: "", problem: error.message, type: "no-restart" });
    }
  }

  pause(node: string): void {
    this.#handles.get(node)?.pause();
  }

  resume(node: string): void {
    this.#handles.get(node)?.resume();
  }

  skew(node: string, offsetMs: number): void {
    this.#clockOffsets.set(node, offsetMs);
    this.#handles.get(node)?.skew?.(offsetMs);
  }

  #crashOf(node: string): UnexpectedExit[] {
    const handle = this.#handles.get(node) as NodeHandle;
    const { exit } = handle;
    if (exit === undefined || this.#killed.has(node)) return [];
    return [{ node, exit, ...handle.lastLines }];
  }

  #launch(id: string): void {
    const handle = this.#parts.engine.start(id, {
      sent: (message) => this.#send(id, message),
      malformedOutput: (line, problem) => this.#note({ node: id, line, problem }),
      logged: (line) => this.#parts.log(id, line),
      nondeterministicCall: (call, where) => this.#noteNondeterministicCall(id, call, where),
    });
    this.#handles.set(id, handle);
  }

  #send(id: string, message: RawMessage): void {
    try {
      this.#parts.network.send(message);
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error;
      this.#note({ node: id, line: stringifyJson(message), problem: error.message });
    }
  }

  #note(problem: NodeProblem): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ ...problem, line: shorten(problem.line, MAX_LINE_LENGTH) });
  }

  /** Each place once: a call in a loop must not crowd out others. */
  #noteNondeterministicCall(node: string, call: string, where: string): void {
    const problem = `it called ${call}`;
    const known = this.problems.some((one) =>
      one.node === node && one.line === where && one.problem === problem
    );
    if (!known) this.#note({ node, line: where, problem, type: "ambient-call" });
  }

  async #initialise(id: string): Promise<void> {
    const { network, engine, nodes } = this.#parts;
    const handle = this.#handles.get(id) as NodeHandle;
    const client = new NetworkConnection(network, engine.clock, id);
    try {
      const request = { type: "init", node_id: id, node_ids: [...nodes] };
      const answered = client.call(request, initReply, INIT_TIMEOUT_MS).then(() => undefined);
      const ended = await Promise.race([answered, handle.ended]);
      if (ended !== undefined && !this.#killed.has(id)) {
        const problem = endedBeforeInit(id, ended, handle);
        throw ended.code === EXIT_USAGE ? new StartError(problem) : new NotReadyError(problem);
      }
    } catch (error) {
      if (this.#killed.has(id)) return;
      throw error instanceof RpcError || error instanceof MalformedReplyError
        ? new NotReadyError(noInitReply(id, error, handle, this.problems))
        : error;
    } finally {
      client.close();
    }
  }
}

function endedBeforeInit(id: string, exit: ExitStatus, handle: NodeHandle): string {
  return `Node ${id} ended with ${describeExit(exit)} before it answered init. ` +
    `A node must keep running and read messages from stdin.\n${lastWords(handle)}`;
}

function noInitReply(
  id: string,
  error: RpcError | MalformedReplyError,
  handle: NodeHandle,
  problems: readonly NodeProblem[],
): string {
  const rubbish = problems.find((problem) => problem.node === id);
  const wrote = rubbish === undefined
    ? ""
    : `It wrote a line that is no message: ${rubbish.line}\n  (${rubbish.problem})\n`;
  const what = error instanceof MalformedReplyError
    ? `answered init wrongly: ${error.problem}`
    : error.code === 0
    ? `did not answer init within ${INIT_TIMEOUT_MS / 1000} s`
    : `answered init with an error: ${error.message}`;
  return `Node ${id} ${what}. It must answer {"type": "init", …} with ` +
    `{"type": "init_ok", "in_reply_to": …} on stdout, and flush its output.\n${wrote}` +
    lastWords(handle);
}

/** An exit status in words. */
export function describeExit(exit: ExitStatus): string {
  return exit.signal === null ? `exit status ${exit.code}` : `signal ${exit.signal}`;
}

function lastWords({ lastLines }: NodeHandle): string {
  const show = (name: string, lines: readonly string[]) =>
    lines.length === 0
      ? `It wrote nothing to ${name}.`
      : [`Its last lines on ${name}:`, ...lines].join("\n  ");
  return `${show("stdout", lastLines.stdout)}\n${show("stderr", lastLines.stderr)}`;
}
