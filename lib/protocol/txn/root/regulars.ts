/**
 * Clients who ask again and again. Whoever has just had an answer is likely to ask the next thing in
 * a moment.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** A client who has not asked for so many windows is no regular one. */
const WINDOWS_REMEMBERED = 5;

/** A node's own regular clients. */
export class Regulars {
  readonly #node: Pick<Node, "now" | "after">;
  readonly #window: () => number;
  /** When each client asked last. */
  readonly #lastAsked = new Map<string, number>();
  readonly #requests = new Map<string, { readonly isAnswered: boolean }>();
  readonly #proceed = new Set<() => void>();

  /** `window` tells how long a client is waited for at present, in milliseconds. */
  constructor(node: Pick<Node, "now" | "after">, window: () => number) {
    this.#node = node;
    this.#window = window;
  }

  /** A client asks. */
  asked(client: string, request: { readonly isAnswered: boolean }): void {
    this.#lastAsked.set(client, this.#node.now());
    this.#requests.set(client, request);
    if (!this.#areAllBack()) return;
    for (const proceed of this.#proceed) proceed();
  }

  /** Resolves when all of them wait for answers, after a window at the latest. */
  back(): Promise<void> {
    if (this.#areAllBack()) return Promise.resolve();
    return new Promise((resolve) => {
      const proceed = () => {
        cancel();
        this.#proceed.delete(proceed);
        resolve();
      };
      const cancel = this.#node.after(this.#window(), proceed);
      this.#proceed.add(proceed);
    });
  }

  #areAllBack(): boolean {
    const now = this.#node.now();
    for (const [client, asked] of this.#lastAsked) {
      if (this.#requests.get(client)?.isAnswered === false) continue;
      if (Math.abs(now - asked) < WINDOWS_REMEMBERED * this.#window()) return false;
      this.#lastAsked.delete(client);
      this.#requests.delete(client);
    }
    return true;
  }
}
