/**
 * The batching window: how long a committer lingers for more transactions before it seals a batch
 * (group commit; the `linger` of Kafka's producers).
 *
 * The window closes when every recent sender has sent something, or after the linger time. A
 * sender, a client or a node, is recent if its last request is at most {@link MAX_IDLE_WINDOWS}
 * windows old: it is probably a closed-loop client that sends its next request soon. So a lone or
 * infrequent client does not wait, and under steady load a window's transactions share one
 * compare-and-set.
 *
 * A sender whose read was served immediately is not waited for if the batch writes. If the batch
 * only reads, the window stays open for that sender: its next report may confirm the reads.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** A sender is forgotten after this many windows without a request. */
const MAX_IDLE_WINDOWS = 5;

/** Decides when a batch is complete. */
export class BatchWindow {
  readonly #node: Pick<Node, "monotonic" | "after">;
  readonly #lingerMs: () => number;
  readonly #hasWrites: () => boolean;
  /** When each recent sender sent its last request. */
  readonly #lastRequestAt = new Map<string, number>();
  /** The senders in this window, and whether each waits for the batch. */
  readonly #arrived = new Map<string, boolean>();
  #openedAt = 0;
  #close: () => void = () => {};

  /**
   * `lingerMs` returns the maximum length of a window at present, in milliseconds. `hasWrites`
   * returns whether the next batch writes.
   */
  constructor(
    node: Pick<Node, "monotonic" | "after">,
    lingerMs: () => number,
    hasWrites: () => boolean,
  ) {
    this.#node = node;
    this.#lingerMs = lingerMs;
    this.#hasWrites = hasWrites;
  }

  /** Handles a request, which waits for the batch or has been served already. */
  arrived(sender: string, isWaiting: boolean): void {
    const now = this.#node.monotonic();
    if (this.#arrived.size === 0) this.#openedAt = now;
    this.#arrived.set(sender, isWaiting);
    this.#lastRequestAt.set(sender, now);
    if (this.#isComplete(now)) this.#close();
  }

  /** Notes that a sender's request was served and no longer waits. */
  left(sender: string): void {
    if (this.#arrived.delete(sender) && this.#arrived.size === 0) this.#close();
  }

  /** Resolves when the window closes. */
  async closed(): Promise<void> {
    while (this.#arrived.size > 0) {
      const now = this.#node.monotonic();
      const leftMs = this.#openedAt + this.#lingerMs() - now;
      if (leftMs <= 0 || this.#isComplete(now)) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#node.after(leftMs, resolve);
        this.#close = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  /** Starts the next window: the batch is sealed. */
  seal(): void {
    this.#arrived.clear();
  }

  #isComplete(now: number): boolean {
    const hasWrites = this.#hasWrites();
    for (const [sender, lastRequestAt] of this.#lastRequestAt) {
      const isWaiting = this.#arrived.get(sender);
      if (isWaiting || (isWaiting === false && hasWrites)) continue;
      if (now - lastRequestAt <= MAX_IDLE_WINDOWS * this.#lingerMs()) return false;
      this.#lastRequestAt.delete(sender);
    }
    return true;
  }
}
