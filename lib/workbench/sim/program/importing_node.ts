/**
 * Stands in for a node while its modules are imported, before any node runs. So the modules read the
 * same time and random numbers in every run.
 *
 * @module
 */

import { Random } from "../../../base/mod.ts";
import type { RunningNode } from "../current_node.ts";
import { EPOCH_MS } from "../epoch.ts";
import { stackOf, toSourcePositions } from "./source_positions.ts";

const { setTimeout, clearTimeout } = globalThis;

/** The current node while modules are imported. It has no output. */
export class ImportingNode implements RunningNode {
  readonly id = "import";
  readonly args: readonly string[] = [];
  /** Resolves with {@link problem} when code ends the node. */
  readonly ended: Promise<string>;
  readonly #end: (problem: string) => void;
  readonly #random = new Random("import");
  #problem: string | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** How code has ended the node; undefined if none has. */
  get problem(): string | undefined {
    return this.#problem;
  }

  now(): number {
    return EPOCH_MS;
  }

  random(): number {
    return this.#random.next();
  }

  /** Timers run in real time: an import has no virtual time. */
  startTimer(delayMs: number, fn: () => void): () => void {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  }

  log(): void {}

  print(): void {}

  /** Each node that instantiates the modules reports the call. */
  nondeterministicCall(): void {}

  fail(error: unknown): void {
    this.#endWith(`ends with ${toSourcePositions(stackOf(error))}\n`);
  }

  exitWith(code: number): void {
    this.#endWith(`calls Deno.exit(${code})`);
  }

  #endWith(problem: string): void {
    this.#problem ??= problem;
    this.#end(problem);
  }
}
