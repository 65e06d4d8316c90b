/**
 * The part of a node's process that does not depend on how its messages travel: real clocks, random
 * numbers, the log on stderr, and how the process ends. A node's code reaches none of these but
 * through its host.
 *
 * Invalid arguments end the process with 2 before the node starts; a program that throws at `init`,
 * or a violated invariant, ends it with 1.
 *
 * @module
 */

import { HelpRequest, InvariantError, UsageError } from "../base/mod.ts";
import type { NodeFunction } from "./define_node.ts";
import { EXIT_USAGE } from "./flags.ts";
import type { Host } from "./host.ts";
import { stackOf } from "./report_throw.ts";
import { NodeRuntime } from "./runtime.ts";

/** The longest delay of the platform's timers; a longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const EXIT_FAILURE = 1;
/** How long handlers may run after a node's input has ended. */
export const MAX_SHUTDOWN_MS = 5000;

/**
 * Prepares a program with its arguments. Ends the process if it does not accept them, or if they ask
 * for help.
 */
export async function prepareNode(
  program: NodeFunction,
  host: Host,
  args: readonly string[],
): Promise<NodeRuntime> {
  const node = tryToPrepare(program, host, args);
  if (node.persists) {
    // Loaded only now: a node without a disk starts faster without these modules.
    const { openProcessStorage } = await import("./storage/process_storage.ts");
    host.openStorage = (id) => openProcessStorage(id, host);
  }
  return node;
}

function tryToPrepare(program: NodeFunction, host: Host, args: readonly string[]): NodeRuntime {
  try {
    return new NodeRuntime(program, host, args);
  } catch (error) {
    endForUsage(error);
  }
}

/** Ends the process for arguments that are invalid or ask for help. Throws any other error. */
export function endForUsage(error: unknown): never {
  if (!(error instanceof UsageError)) throw error;
  if (error instanceof HelpRequest) {
    Deno.stdout.writeSync(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(0);
  }
  printLog(error.message);
  Deno.exit(EXIT_USAGE);
}

/** Returns the host of a node that is this process; `transmit` sends its messages. */
export function processHost(transmit: Host["transmit"]): Host {
  const random = new RandomPool();
  const reached = new Set<string>();
  return {
    transmit,
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

/**
 * Logs errors that no code of the node catches, and keeps the process alive. A violated invariant
 * ends it: the node's state cannot be trusted any more.
 */
export function reportUncaughtErrors(): void {
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

/** Logs an error and ends the process with exit code 1. */
export function endWithFailure(error: unknown): never {
  printLog(`the node ends: ${stackOf(error)}`);
  Deno.exit(EXIT_FAILURE);
}

/** Writes a line to stderr. */
export function printLog(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  } catch {
    // A closed stderr must not end the node.
  }
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
