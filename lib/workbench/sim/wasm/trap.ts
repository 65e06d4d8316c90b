/**
 * How a program ends that traps (an endless loop, an unreachable instruction, an access outside of
 * its memory), and one that waits forever.
 *
 * @module
 */

import type { GuestNode } from "../guest.ts";
import { BlockedError, EndlessLoopError } from "../program/step_limit.ts";
import { MAX_STEPS_PER_EVENT, STEPS_LEFT } from "./meter.ts";

/** The exit code of a process that aborts: 128 and SIGABRT. */
const EXIT_ABORTED = 134;
/** A frame of V8's stack in WebAssembly code: its function's name, and its position in the file. */
const WASM_FRAME = /^\s*at (?:(.+) \()?wasm:\/\/[^:]*:wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/;
const MAX_FRAMES = 16;
/** More than the workbench's own functions between the program and the capture of its stack. */
const MAX_HOST_FRAMES = 8;
/** No test lasts as long: ten days. Go waits at most a little longer for one timer. */
export const MAX_WAIT_MS = 864_000_000;

/** The counter of steps of a metered instance. */
export class StepCounter {
  readonly #counter: WebAssembly.Global | undefined;

  constructor(exports: WebAssembly.Exports) {
    this.#counter = exports[STEPS_LEFT] as WebAssembly.Global | undefined;
  }

  /** Whether the code of the present event has taken all its steps. */
  get isExhausted(): boolean {
    return this.#counter?.value === 0;
  }

  /** Starts to count the steps of an event. */
  restart(): void {
    if (this.#counter !== undefined) this.#counter.value = MAX_STEPS_PER_EVENT;
  }
}

/** Ends the node whose code trapped, and names the functions in which it did. */
export function endByTrap(node: GuestNode, error: unknown, steps: StepCounter): void {
  const frames = framesOf(error);
  if (steps.isExhausted) {
    const endless = new EndlessLoopError(
      `its code made more than ${MAX_STEPS_PER_EVENT} loop iterations and function calls in one event`,
    );
    endless.stack = [`${endless.name}: ${endless.message}`, ...frames].join("\n");
    return node.fail(endless);
  }
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  node.log([`the program trapped: ${problem}`, ...frames].join("\n"));
  node.exitWith(EXIT_ABORTED);
}

/** The functions of a program that were running when it called its host. */
export class CallStack {
  readonly #error: Error;

  /** Captures the stack of the present call. */
  constructor() {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = MAX_FRAMES + MAX_HOST_FRAMES;
    this.#error = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** The functions, a line each, the innermost first. */
  get frames(): string[] {
    return framesOf(this.#error);
  }
}

/** Ends the node whose code waits for a time after the end of every test. */
export function endBlocked(node: GuestNode, problem: string, frames: readonly string[] = []): void {
  const error = new BlockedError(problem);
  error.stack = [`${error.name}: ${problem}`, ...frames].join("\n");
  node.fail(error);
}

/** Returns the functions that were running, a line each, the innermost first. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return (error.stack ?? "").split("\n").flatMap((line) => {
    const [, name, index, offset] = WASM_FRAME.exec(line) ?? [];
    return index === undefined ? [] : [`    at ${name ?? `function ${index}`} (${offset})`];
  }).slice(0, MAX_FRAMES);
}
