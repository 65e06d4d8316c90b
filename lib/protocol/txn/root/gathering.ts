/**
 * How long to wait for more transactions before those at hand are committed together.
 *
 * Until everybody is there who has asked lately, and so is likely to ask again, but no longer than
 * a window. Who asks alone, or seldom, so waits for nobody; where many ask without a break, a
 * window's worth of transactions share one compare-and-set.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** Somebody who has not asked for so many windows is not waited for. */
const WINDOWS_REMEMBERED = 5;

/** Decides when a batch is complete. */
export class Gathering {
  readonly #node: Pick<Node, "now" | "after">;
  readonly #window: number;
  /** When each requester asked last. */
  readonly #lastAsked = new Map<string, number>();
  readonly #present = new Set<string>();
  #firstArrival = 0;
  #proceed: () => void = () => {};

  /** `window` is in milliseconds. */
  constructor(node: Pick<Node, "now" | "after">, window: number) {
    this.#node = node;
    this.#window = window;
  }

  /** Somebody asks. */
  arrived(requester: string): void {
    const now = this.#node.now();
    if (this.#present.size === 0) this.#firstArrival = now;
    this.#present.add(requester);
    this.#lastAsked.set(requester, now);
    if (this.#isComplete(now)) this.#proceed();
  }

  /** Resolves when it is time to commit what has arrived. */
  complete(): Promise<void> {
    const now = this.#node.now();
    const left = this.#firstArrival + this.#window - now;
    // More than a window is left only when the clock has jumped.
    if (left <= 0 || left > this.#window || this.#isComplete(now)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#node.after(left, resolve);
      this.#proceed = () => {
        cancel();
        resolve();
      };
    });
  }

  /** What has arrived is being committed. */
  taken(): void {
    this.#present.clear();
  }

  #isComplete(now: number): boolean {
    for (const [requester, asked] of this.#lastAsked) {
      if (this.#present.has(requester)) continue;
      const isRecent = Math.abs(now - asked) <= WINDOWS_REMEMBERED * this.#window;
      if (isRecent) return false;
      this.#lastAsked.delete(requester);
    }
    return true;
  }
}
