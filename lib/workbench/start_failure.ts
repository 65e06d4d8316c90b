/**
 * The errors of nodes that do not start: what a node did instead of a reply, and the reply that was
 * expected.
 *
 * @module
 */

import { EXIT_USAGE } from "../node/mod.ts";
import { type Body, RpcError, type Schema } from "../wire/mod.ts";
import type { Connection, MalformedReplyError } from "../workload/mod.ts";
import type { NodeProblem } from "./cluster.ts";
import type { NetworkConnection } from "./connection.ts";
import { type ExitStatus, type NodeHandle, NotReadyError, StartError } from "./engine.ts";

/** The timeout of `init` in milliseconds, as in Maelstrom. */
export const INIT_TIMEOUT_MS = 10_000;

/** A node that did not reply to `init`. */
export interface SilentNode {
  readonly handle: NodeHandle;
  /** The likely mistake in the node's program; see `Engine.programHint`. */
  readonly hint: string | undefined;
  readonly problems: readonly NodeProblem[];
}

/** Returns the error of a node that has ended before it replied to a request. */
export function endedBeforeReply(
  id: string,
  request: string,
  handle: NodeHandle,
  hint?: string,
): StartError {
  const exit = handle.exit ?? { code: 0, signal: null };
  const ended = `Node ${id} ended with ${describeExit(exit)} before it replied to ${request}`;
  const isUsage = exit.code === EXIT_USAGE;
  const cause = isUsage ? usageErrorIn(handle.lastLines.stderr) : undefined;
  if (cause !== undefined) {
    return new StartError(`${ended}: ${cause}\n${line(hint)}${describeLastLines(handle)}`);
  }
  const problem = `${ended}. A node must keep running, read messages from stdin, and ` +
    `${expectedReply(request)}.\n${line(hint)}${describeLastLines(handle)}`;
  return isUsage ? new StartError(problem) : new NotReadyError(problem);
}

/** Returns the line that names a usage error: the first, or the first after a usage text. */
function usageErrorIn(stderr: readonly string[]): string | undefined {
  return stderr.find((text) => !/^(?:usage:|\s|$)/i.test(text)) ?? stderr[0];
}

/** Returns the message of the error of a node that did not reply to `init`. */
export function noInitReply(
  { node: id, unmatchedReply }: NetworkConnection,
  error: RpcError | MalformedReplyError,
  { handle, hint, problems }: SilentNode,
): string {
  const first = problems.find((problem) => problem.node === id);
  const malformed = first === undefined
    ? ""
    : `It wrote a malformed line: ${first.line}\n  (${first.problem})\n`;
  const failure = !(error instanceof RpcError)
    ? `sent a malformed reply to init: ${error.problem}`
    : error.code === 0
    ? `did not reply to init within ${INIT_TIMEOUT_MS / 1000} s` +
      (unmatchedReply === undefined ? "" : `: ${unmatchedReply}`)
    : `replied to init with an error: ${error.message}`;
  return `Node ${id} ${failure}. It must ${expectedReply("init")} on stdout, and flush its ` +
    `output.\n${malformed}${line(hint)}${describeLastLines(handle)}`;
}

const ENDED = Symbol("the node has ended");

/**
 * Wraps a connection so that a failed call ends the test: a node without set-up cannot be tested.
 * `handle` is the connection's node.
 */
export function failOnSetupError(connection: Connection, handle: NodeHandle): Connection {
  return {
    node: connection.node,
    async call<T>(request: Body, reply: Schema<T>, timeoutMs?: number) {
      try {
        const result = await Promise.race([
          connection.call(request, reply, timeoutMs),
          handle.ended.then((): typeof ENDED => ENDED),
        ]);
        if (result === ENDED) throw endedBeforeReply(connection.node, request.type, handle);
        return result;
      } catch (error) {
        if (error instanceof StartError) throw error;
        throw new NotReadyError(
          `Node ${connection.node} must ${expectedReply(request.type)} before the first ` +
            `operation. ${(error as Error).message}`,
        );
      }
    },
  };
}

/** Returns an exit status as text. */
export function describeExit(exit: ExitStatus): string {
  return exit.signal === null ? `exit status ${exit.code}` : `signal ${exit.signal}`;
}

function expectedReply(request: string): string {
  return `reply to {"type": "${request}", …} with {"type": "${request}_ok", "in_reply_to": …}`;
}

function line(hint: string | undefined): string {
  return hint === undefined ? "" : `${hint}\n`;
}

function describeLastLines({ lastLines }: NodeHandle): string {
  const show = (name: string, lines: readonly string[]) =>
    lines.length === 0
      ? `It wrote nothing to ${name}.`
      : [`Its last lines on ${name}:`, ...lines].join("\n  ");
  return `${show("stdout", lastLines.stdout)}\n${show("stderr", lastLines.stderr)}`;
}
