/**
 * Runs a node as a program: messages come in on stdin and go out on stdout, one JSON object a line;
 * its log goes to stderr. The only file that touches a process's streams and its real clock.
 *
 * When stdin closes, the handlers under way are finished, everything is flushed, and the process
 * exits with 0. A closed stdout ends it quietly. Arguments that the node does not take end it with 2
 * before it starts, and a fault of its surroundings (a disk that is full, say) with 1.
 *
 * Start-up matters where a test starts 25 nodes: only what is needed is imported, and nothing that
 * makes Deno load its Node.js compatibility layer (as `setImmediate` does, for 8 ms).
 *
 * @module
 */

import { LineFramer } from "../wire/mod.ts";
import { EXIT_USAGE, HelpRequest, UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import { LineOutput } from "./line_output.ts";
import type { NodeFunction } from "./node.ts";
import { NodeRuntime } from "./runtime.ts";
import { stackOf } from "./stack_of.ts";

/** As much as a pipe gives at once, on Linux. */
const CHUNK_BYTES = 64 * 1024;
/** A chunk so large is a sign of more to come. */
const READ_AHEAD_BYTES = 16 * 1024;
/** How long handlers may go on after stdin closed. */
const FINISH_WITHIN_MS = 5000;
/** The longest that a timer of the platform waits; longer ones would fire at once. */
const MOST_TIMER_MS = 2 ** 31 - 1;
const EXIT_FAULT = 1;

/** Serves a node until its stdin closes, then exits the process. Never returns. */
export async function serve(program: NodeFunction): Promise<never> {
  const output = new LineOutput(Deno.stdout, endOnWriteError);
  const node = start(program, output);
  reportStrayErrors(node);
  try {
    await readLines(node, output);
    await Promise.race([node.finish(), pause(FINISH_WITHIN_MS)]);
    output.flush();
  } catch (error) {
    endWithFault(error);
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
  return {
    transmit: (message) => output.push(message),
    startTimer(milliseconds, fn) {
      const timer = setTimeout(fn, Math.min(milliseconds, MOST_TIMER_MS));
      return () => clearTimeout(timer);
    },
    // The time origin plus the monotonic clock: agrees with the wall clock but never goes back.
    now: () => performance.timeOrigin + performance.now(),
    random: () => random.next(),
    log: printLog,
  };
}

async function readLines(node: NodeRuntime, output: LineOutput): Promise<void> {
  const framer = new LineFramer({
    onSkip: (problem) => node.log(`a line of input was skipped: ${problem}`),
  });
  const take = (chunk: Uint8Array) => {
    for (const line of framer.push(chunk)) node.receiveLine(line);
    output.flush();
  };
  await readChunks(take);
  for (const line of framer.end()) node.receiveLine(line);
}

async function readChunks(take: (chunk: Uint8Array) => void): Promise<void> {
  let buffer = new Uint8Array(CHUNK_BYTES);
  let spare = new Uint8Array(CHUNK_BYTES);
  let reading = Deno.stdin.read(buffer);
  for (;;) {
    const length = await reading;
    if (length === null) return;
    // Another thread reads. Under load it may as well read ahead; when idle, waking it up first
    // would only delay the reply.
    const ahead = length >= READ_AHEAD_BYTES;
    if (ahead) reading = Deno.stdin.read(spare);
    take(buffer.subarray(0, length));
    if (!ahead) reading = Deno.stdin.read(spare);
    [buffer, spare] = [spare, buffer];
  }
}

/** Keeps the process alive, and reports, when code of the node fails where nobody catches it. */
function reportStrayErrors(node: NodeRuntime): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    node.log(`a promise was rejected and nobody minded: ${stackOf(event.reason)}`);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    node.log(`an error was thrown and nobody minded: ${stackOf(event.error ?? event.message)}`);
  });
}

function endOnWriteError(error: unknown): never {
  // Nobody reads any more, so there is nothing left to do and nobody to tell.
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
  // Deno does not say how much of a refused write was taken, so to go on would be to lose messages
  // or to send them twice.
  if (error instanceof Deno.errors.WouldBlock) endWithFault("stdout is non-blocking, and full");
  return endWithFault(error);
}

function endWithFault(error: unknown): never {
  printLog(`the node cannot go on: ${stackOf(error)}`);
  Deno.exit(EXIT_FAULT);
}

function printLog(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  } catch {
    // A closed stderr must not take the node down; there is nobody left to tell.
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Random numbers from the operating system, fetched many at a time. */
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
