/**
 * Describes the first operations of a run that do not succeed, when they end.
 *
 * @module
 */

import type { Operation } from "../history/mod.ts";
import { failureReason } from "./diagnosis.ts";

/** At most this number of failures is described, each for another reason. */
const MAX_DESCRIBED = 3;

/** The first failures of one run. */
export class FirstFailures {
  readonly #nodes: readonly string[];
  readonly #concurrency: number;
  readonly #invocations = new Map<unknown, Operation>();
  readonly #described = new Set<string>();

  /** Worker i of `concurrency` ones has a client of node i mod the number of nodes. */
  constructor(nodes: readonly string[], concurrency: number) {
    this.#nodes = nodes;
    this.#concurrency = concurrency;
  }

  /**
   * Notes an event of the history. Returns a line if it is the failure of an operation of a kind
   * and for a reason that no earlier line has.
   */
  observe(operation: Operation): string | undefined {
    const { type, process, time, f } = operation;
    if (this.#described.size >= MAX_DESCRIBED || typeof process !== "number") return undefined;
    if (type === "invoke") {
      this.#invocations.set(process, operation);
      return undefined;
    }
    const invocation = this.#invocations.get(process);
    this.#invocations.delete(process);
    if (type === "ok" || invocation === undefined) return undefined;
    const [reason, example = ""] = failureReason(invocation, operation) ?? [];
    if (reason === undefined || this.#described.has(`${f} ${reason}`)) return undefined;
    this.#described.add(`${f} ${reason}`);
    const node = this.#nodes[process % this.#concurrency % this.#nodes.length];
    const at = `${(time / 1e9).toFixed(1)} s`;
    return `${at}: ${f} at ${node} did not succeed: ${reason}${example && ` (${example})`}`;
  }
}
