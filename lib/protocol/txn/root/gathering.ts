/**
 * How long to wait for more transactions before those at hand are committed together.
 *
 * Until everybody has come who asked lately, and so is likely to ask again, but no longer than a
 * window. Who asks alone, or seldom, so waits for nobody; where many ask without a break, a
 * window's worth of transactions share one compare-and-set. Somebody may come and be answered at
 * once: he need not be waited for, unless all that is there only reads, for then what he says next
 * may make the store unnecessary.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** Somebody who has not asked for so many windows is not waited for. */
const WINDOWS_REMEMBERED = 5;

/** Decides when a batch is complete. */
export class Gathering {
  readonly #node: Pick<Node, "now" | "after">;
  readonly #window: () => number;
  readonly #isWriteAtHand: () => boolean;
  /** When each requester asked last. */
  readonly #lastAsked = new Map<string, number>();
  /** Who has asked since the last batch, and whether he waits for the next. */
  readonly #present = new Map<string, boolean>();
  #firstArrival = 0;
  #proceed: () => void = () => {};

  /** `window` tells how long it is at present, in milliseconds. */
  constructor(
    node: Pick<Node, "now" | "after">,
    window: () => number,
    isWriteAtHand: () => boolean,
  ) {
    this.#node = node;
    this.#window = window;
    this.#isWriteAtHand = isWriteAtHand;
  }

  /** Somebody asks; he waits for the batch, or has had an answer already. */
  arrived(requester: string, isWaiting: boolean): void {
    const now = this.#node.now();
    if (this.#present.size === 0) this.#firstArrival = now;
    this.#present.set(requester, isWaiting);
    this.#lastAsked.set(requester, now);
    if (this.#isComplete(now)) this.#proceed();
  }

  /** Somebody waits no longer. */
  left(requester: string): void {
    if (this.#present.delete(requester) && this.#present.size === 0) this.#proceed();
  }

  /** Resolves when it is time to commit what has arrived. */
  async complete(): Promise<void> {
    while (this.#present.size > 0) {
      const now = this.#node.now();
      const window = this.#window();
      const left = this.#firstArrival + window - now;
      // More than a window is left only when the clock has jumped.
      if (left <= 0 || left > window || this.#isComplete(now)) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#node.after(left, resolve);
        this.#proceed = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  /** What has arrived is being committed. */
  taken(): void {
    this.#present.clear();
  }

  #isComplete(now: number): boolean {
    const isWriteAtHand = this.#isWriteAtHand();
    for (const [requester, asked] of this.#lastAsked) {
      const isWaiting = this.#present.get(requester);
      if (isWaiting || (isWaiting === false && isWriteAtHand)) continue;
      const isRecent = Math.abs(now - asked) <= WINDOWS_REMEMBERED * this.#window();
      if (isRecent) return false;
      this.#lastAsked.delete(requester);
    }
    return true;
  }
}
