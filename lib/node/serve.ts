/**
 * Runs a node as a process: one JSON message a line on stdin and stdout, its log on stderr. This is
 * the only file of the library that touches a process's streams and real clocks.
 *
 * When stdin closes, running handlers finish, output is flushed, and the process exits with 0. A
 * closed stdout ends it silently. Invalid arguments end it with 2 before it starts; a program that
 * throws at `init`, a violated invariant, or an output error ends it with 1.
 *
 * Start-up time matters where a test starts 25 nodes: this module imports only what it needs, and
 * nothing that loads Deno's Node.js compatibility layer, such as `setImmediate`.
 *
 * @module
 */

import { HelpRequest, InvariantError, UsageError } from "../base/mod.ts";
import { LineFramer } from "../wire/mod.ts";
import type { NodeFunction } from "./define_node.ts";
import { EXIT_USAGE } from "./flags.ts";
import type { Host } from "./host.ts";
import { LineOutput } from "./line_output.ts";
import { stackOf } from "./report_throw.ts";
import { NodeRuntime } from "./runtime.ts";

/** One read returns at most a pipe's capacity, which is this on Linux. */
const CHUNK_BYTES = 64 * 1024;
/** A chunk of at least this size suggests that more input is waiting. */
const MIN_READ_AHEAD_BYTES = 16 * 1024;
/** How long handlers may run after stdin closed. */
const MAX_SHUTDOWN_MS = 5000;
/** The longest delay of the platform's timers; a longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const EXIT_FAILURE = 1;

/**
 * Runs a program as this process until stdin closes, then exits the process.
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
  const output = new LineOutput(Deno.stdout, endOnWriteError);
  const node = start(program, output);
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

function start(program: NodeFunction, output: LineOutput): NodeRuntime {
  try {
    return new NodeRuntime(program, processHost(output), Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (error instanceof HelpRequest) {
      Deno.stdout.writeSync(new TextEncoder().encode(`${error.message}\n`));
      Deno.exit(0);
    }
    printLog(error.message);
    Deno.exit(EXIT_USAGE);
  }
}

function processHost(output: LineOutput): Host {
  const random = new RandomPool();
  const reached = new Set<string>();
  return {
    transmit: (message) => output.push(message),
    startTimer(delayMs, fn) {
      const timer = setTimeout(fn, Math.min(delayMs, MAX_TIMER_MS));
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => random.next(),
    log: printLog,
    sometimes(text) {
      if (reached.has(text)) return;
      reached.add(text);
      printLog(`sometimes: ${text}`);
    },
    fail: endWithFailure,
  };
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

/**
 * Logs errors that no code of the node catches, and keeps the process alive. A violated invariant
 * ends it: the node's state cannot be trusted any more.
 */
function reportUncaughtErrors(): void {
  const report = (event: Event, kind: string, error: unknown) => {
    event.preventDefault();
    if (error instanceof InvariantError) endWithFailure(error);
    printLog(`${kind}: ${stackOf(error)}`);
  };
  globalThis.addEventListener("unhandledrejection", (event) => {
    report(event, "unhandled promise rejection", event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    report(event, "uncaught error", event.error ?? event.message);
  });
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

function endWithFailure(error: unknown): never {
  printLog(`the node ends: ${stackOf(error)}`);
  Deno.exit(EXIT_FAILURE);
}

function printLog(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  } catch {
    // A closed stderr must not end the node.
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Random numbers from the operating system, fetched in batches. */
class RandomPool {
  readonly #words = new Uint32Array(512);
  #used = this.#words.length;

  next(): number {
    if (this.#used === this.#words.length) {
      crypto.getRandomValues(this.#words);
      this.#used = 0;
    }
    const high = this.#words[this.#used++] as number;
    const low = this.#words[this.#used++] as number;
    return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
  }
}
