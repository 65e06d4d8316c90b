/**
 * Runs a node as a program: messages come in on stdin and go out on stdout, one JSON object a line;
 * its log goes to stderr. The only file that touches a process's streams and its real clock.
 *
 * Output is gathered while a chunk of input is worked off and written by a single writer, so it is
 * batched under load, immediate when idle, and always in order. When stdin closes, handlers under
 * way are finished, everything is flushed, and the process exits with 0; a closed stdout ends it
 * quietly.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import { LineFramer, type Message } from "../wire/mod.ts";
import { UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import type { NodeFunction } from "./node.ts";
import { NodeRuntime } from "./runtime.ts";

const CHUNK_BYTES = 256 * 1024;
/** How long handlers may go on after stdin closed. */
const FINISH_WITHIN_MS = 5000;
const EXIT_USAGE = 2;

/** Serves a node until its stdin closes, then exits the process. Never returns. */
export async function serve(program: NodeFunction): Promise<never> {
  const output = new Output();
  const node = start(program, output);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    node.log(`a promise was rejected and nobody minded: ${event.reason?.stack ?? event.reason}`);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    node.log(`an error was thrown and nobody minded: ${event.error?.stack ?? event.message}`);
  });
  await readLines((line) => node.receiveLine(line), () => output.flush());
  await Promise.race([
    node.finish(),
    new Promise((resolve) => setTimeout(resolve, FINISH_WITHIN_MS)),
  ]);
  await output.drain();
  Deno.exit(0);
}

function start(program: NodeFunction, output: Output): NodeRuntime {
  try {
    return new NodeRuntime(program, processHost(output), Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(EXIT_USAGE);
  }
}

function processHost(output: Output): Host {
  const encoder = new TextEncoder();
  const random = new RandomPool();
  return {
    transmit: (message) => output.push(message),
    startTimer(milliseconds, fn) {
      const timer = setTimeout(fn, milliseconds);
      return () => clearTimeout(timer);
    },
    // The time origin plus the monotonic clock: agrees with the wall clock but never goes back.
    now: () => performance.timeOrigin + performance.now(),
    random: () => random.next(),
    log(line) {
      try {
        Deno.stderr.writeSync(encoder.encode(`${line}\n`));
      } catch {
        // A closed stderr must not take the node down; there is nobody left to tell.
      }
    },
  };
}

async function readLines(take: (line: string) => void, afterChunk: () => void): Promise<void> {
  const framer = new LineFramer();
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const length = await Deno.stdin.read(buffer);
    if (length === null) break;
    for (const line of framer.push(buffer.subarray(0, length))) take(line);
    afterChunk();
  }
  for (const line of framer.end()) take(line);
}

/** What is to be written to stdout, and the one writer that does. */
class Output {
  readonly #encoder = new TextEncoder();
  #lines = "";
  #writing: Promise<void> | undefined;
  #scheduled = false;

  push(message: Message): void {
    this.#lines += stringify(message) + "\n";
    if (this.#scheduled || this.#writing !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#lines === "" || this.#writing !== undefined) return;
    this.#writing = this.#write();
  }

  async drain(): Promise<void> {
    this.flush();
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#lines !== "") {
        const bytes = this.#encoder.encode(this.#lines);
        this.#lines = "";
        let position = 0;
        while (position < bytes.length) {
          position += await Deno.stdout.write(bytes.subarray(position));
        }
      }
    } catch {
      // Nobody reads any more, so there is nothing left to do.
      Deno.exit(0);
    }
    this.#writing = undefined;
  }
}

function stringify(message: Message): string {
  try {
    return JSON.stringify(message);
  } catch {
    // Only bigints make JSON.stringify throw here; the slower writer keeps their digits.
    return stringifyJson(message);
  }
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
