/**
 * A node's closed-loop clients: each sends its next request shortly after a reply (Schroeder,
 * Wierman and Harchol-Balter, "Open Versus Closed: A Cautionary Tale", 2006).
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** A client without a request for this many windows is not a closed-loop client. */
const MAX_IDLE_WINDOWS = 5;

/** What is observed of a client's last request. */
interface LastRequest {
  readonly isSettled: boolean;
}

/** The closed-loop clients of one node. */
export class ClosedLoopClients {
  readonly #node: Pick<Node, "monotonic" | "after">;
  readonly #windowMs: () => number;
  readonly #lastRequestAt = new Map<string, number>();
  readonly #requests = new Map<string, LastRequest>();
  readonly #waiting = new Set<() => void>();

  /** `windowMs` returns how long to wait for a client at present, in milliseconds. */
  constructor(node: Pick<Node, "monotonic" | "after">, windowMs: () => number) {
    this.#node = node;
    this.#windowMs = windowMs;
  }

  /** Handles a request of a client. */
  received(client: string, request: LastRequest): void {
    this.#lastRequestAt.set(client, this.#node.monotonic());
    this.#requests.set(client, request);
    if (!this.#haveAllSent()) return;
    for (const resume of this.#waiting) resume();
  }

  /** Resolves when each client has an outstanding request, at the latest after a window. */
  allSent(): Promise<void> {
    if (this.#haveAllSent()) return Promise.resolve();
    return new Promise((resolve) => {
      const resume = () => {
        cancel();
        this.#waiting.delete(resume);
        resolve();
      };
      const cancel = this.#node.after(this.#windowMs(), resume);
      this.#waiting.add(resume);
    });
  }

  #haveAllSent(): boolean {
    const now = this.#node.monotonic();
    for (const [client, lastRequestAt] of this.#lastRequestAt) {
      if (this.#requests.get(client)?.isSettled === false) continue;
      if (now - lastRequestAt < MAX_IDLE_WINDOWS * this.#windowMs()) return false;
      this.#lastRequestAt.delete(client);
      this.#requests.delete(client);
    }
    return true;
  }
}
