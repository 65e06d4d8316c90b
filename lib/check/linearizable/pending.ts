/**
 * The ok operations that are pending at one response, in the order of their invocations.
 *
 * The lists of all responses together would take memory quadratic in the number of concurrent
 * operations. This list therefore moves from response to response: each step unlinks the completed
 * operation and appends those invoked since. A step back undoes this in constant time, because an
 * unlinked operation keeps its links ("dancing links": Knuth, arXiv cs/0011047, 2000).
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { OkOperation, Problem, Response } from "./problem.ts";

/** The list at the present response; at first, the response 0. */
export class PendingOperations {
  readonly #problem: Problem;
  /** By an operation's number + 1, the next in the list; position 0 is the list's head and tail. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #response = 0;
  #invoked = 0;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#next = new Int32Array(problem.operations.length + 1);
    this.#previous = new Int32Array(problem.operations.length + 1);
    this.#invokeUpTo(problem.responses[0]?.invokedBefore ?? 0);
  }

  /** Moves to a response, or past the last one. Takes time linear in the distance. */
  moveTo(response: number): void {
    const { responses, operations } = this.#problem;
    while (this.#response < response) {
      const { completed } = responses[this.#response] as Response;
      const position = completed.number + 1;
      const [before, after] = this.#neighbours(position);
      this.#next[before] = after;
      this.#previous[after] = before;
      this.#response++;
      this.#invokeUpTo(responses[this.#response]?.invokedBefore ?? operations.length);
    }
    while (this.#response > response) {
      this.#response--;
      const { completed, invokedBefore } = responses[this.#response] as Response;
      this.#withdrawDownTo(invokedBefore);
      const position = completed.number + 1;
      const [before, after] = this.#neighbours(position);
      this.#next[before] = position;
      this.#previous[after] = position;
    }
  }

  /** Returns the operation after another one, or the first; undefined at the end. */
  after(operation: OkOperation | undefined): OkOperation | undefined {
    return this.#at(this.#next[operation === undefined ? 0 : operation.number + 1] as number);
  }

  /** Returns the operation before another one, or the last; undefined at the start. */
  before(operation: OkOperation | undefined): OkOperation | undefined {
    return this.#at(this.#previous[operation === undefined ? 0 : operation.number + 1] as number);
  }

  #at(position: number): OkOperation | undefined {
    return position === 0 ? undefined : this.#problem.operations[position - 1];
  }

  #neighbours(position: number): [before: number, after: number] {
    return [this.#previous[position] as number, this.#next[position] as number];
  }

  #invokeUpTo(invoked: number): void {
    for (; this.#invoked < invoked; this.#invoked++) {
      const position = this.#invoked + 1;
      const last = this.#previous[0] as number;
      this.#next[last] = position;
      this.#previous[position] = last;
      this.#next[position] = 0;
      this.#previous[0] = position;
    }
  }

  #withdrawDownTo(invoked: number): void {
    for (; this.#invoked > invoked; this.#invoked--) {
      const position = this.#invoked;
      const last = this.#previous[position] as number;
      invariant(this.#next[position] === 0, "operations are withdrawn in reverse order");
      this.#next[last] = 0;
      this.#previous[0] = last;
    }
  }
}
