/**
 * Requests that wait for a condition, until their deadline.
 *
 * @module
 */

import { type Node, REQUEST_DEADLINE_MS, RpcError } from "../../node/mod.ts";
import type { ClientRequest } from "./log.ts";

interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}

/** The waiting requests of one node. */
export class Waiters {
  readonly #node: Node;
  #waiters: Waiter[] = [];

  constructor(node: Node) {
    this.#node = node;
  }

  /** Resolves when `isDone` returns true. Rejects with an error at the request's deadline. */
  until(
    isDone: () => boolean,
    { deadline }: ClientRequest,
    code: number,
    text: string,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        isDone,
        resolve: () => {
          cancel();
          resolve();
        },
      };
      // A request of a node has no deadline, but the clients behind it have.
      const timeoutMs = Math.min(deadline - this.#node.monotonic(), REQUEST_DEADLINE_MS);
      const cancel = this.#node.after(timeoutMs, () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        this.#node.sometimes("a request waited until its deadline");
        reject(new RpcError(code, text));
      });
      this.#waiters.push(waiter);
    });
  }

  /** Resolves those whose condition is true now. */
  check(): void {
    const done = this.#waiters.filter(({ isDone }) => isDone());
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const { resolve } of done) resolve();
  }
}
