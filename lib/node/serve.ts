/**
 * Runs a node as a process: one JSON message a line on stdin and stdout, its log on stderr.
 *
 * When stdin closes, running handlers finish, output is flushed, and the process exits with 0. A
 * closed stdout ends it silently. {@link file://./process_host.ts} has its other ends.
 *
 * Start-up time matters where a test starts 25 nodes: this module imports only what it needs, and
 * nothing that loads Deno's Node.js compatibility layer, such as `setImmediate`.
 *
 * @module
 */

import { LineFramer } from "../wire/mod.ts";
import type { NodeFunction } from "./define_node.ts";
import { LineOutput } from "./line_output.ts";
import {
  endForUsage,
  endWithFailure,
  MAX_SHUTDOWN_MS,
  prepareNode,
  printLog,
  processHost,
  reportUncaughtErrors,
} from "./process_host.ts";
import type { NodeRuntime } from "./runtime.ts";
import { serveOn, transportOf } from "./transport.ts";

/** One read returns at most a pipe's capacity, which is this on Linux. */
const CHUNK_BYTES = 64 * 1024;
/** A chunk of at least this size suggests that more input is waiting. */
const MIN_READ_AHEAD_BYTES = 16 * 1024;

/**
 * Runs a program as this process until stdin closes, then exits the process. With the argument
 * `--transport URL` it runs on that transport instead, until a signal ends it.
 *
 * @example
 * ```ts
 * import { contract, defineNode, serve } from "@gossip/workbench/node";
 * const echo = defineNode({ serves: contract.echo }, () => ({ echo: ({ echo }) => ({ echo }) }));
 * export default echo;
 * if (import.meta.main) await serve(echo);
 * ```
 */
export async function serve(program: NodeFunction): Promise<never> {
  const transport = transportOf(Deno.args);
  if (transport !== undefined) {
    return await serveOn(transport, program, Deno.args).catch(endForUsage);
  }
  const output = new LineOutput(Deno.stdout, endOnWriteError);
  const host = processHost((message) => output.push(message));
  const node = await prepareNode(program, host, Deno.args);
  reportUncaughtErrors();
  try {
    await readLines(node, output);
    await Promise.race([node.finish(), pause(MAX_SHUTDOWN_MS)]);
    output.flush();
  } catch (error) {
    endWithFailure(error);
  }
  Deno.exit(0);
}

async function readLines(node: NodeRuntime, output: LineOutput): Promise<void> {
  const framer = new LineFramer({
    onSkip: (problem) => printLog(`skipped a line of input: ${problem}`),
  });
  const handle = (chunk: Uint8Array) => {
    for (const line of framer.push(chunk)) node.receiveLine(line);
    output.flush();
  };
  await readChunks(handle);
  for (const line of framer.end()) node.receiveLine(line);
}

async function readChunks(handle: (chunk: Uint8Array) => void): Promise<void> {
  let buffer = new Uint8Array(CHUNK_BYTES);
  let spare = new Uint8Array(CHUNK_BYTES);
  let reading = Deno.stdin.read(buffer);
  for (;;) {
    const length = await reading;
    if (length === null) return;
    // Another thread reads. Under load it reads ahead; when idle, waking it before the reply is
    // written would delay the reply.
    const ahead = length >= MIN_READ_AHEAD_BYTES;
    if (ahead) reading = Deno.stdin.read(spare);
    handle(buffer.subarray(0, length));
    if (!ahead) reading = Deno.stdin.read(spare);
    [buffer, spare] = [spare, buffer];
  }
}

function endOnWriteError(error: unknown): never {
  // The reader is gone, so there is nothing left to do.
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
  // Deno does not report how much of a refused write was written, so to continue would lose or
  // duplicate messages.
  if (error instanceof Deno.errors.WouldBlock) {
    endWithFailure("stdout is non-blocking and full; give the node a blocking pipe");
  }
  return endWithFailure(error);
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
