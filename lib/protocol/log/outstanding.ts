/**
 * The messages that a node has appended and that some node may lack.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";

/**
 * The limit on these messages. At the limit a node rejects sends, so that no incarnation leaves more
 * than that behind unknown.
 */
export const MAX_OUTSTANDING = 2 ** 15;

/** Counts the messages of one node, by its batches. */
export class Outstanding {
  #appended = 0;
  /** The messages appended by the last batch that is stable, and by each later one. */
  #stable = 0;
  readonly #byBatch: number[] = [];

  /** Whether too many messages may be missing at a peer. */
  get isFull(): boolean {
    return this.#appended - this.#stable >= MAX_OUTSTANDING;
  }

  add(messages: number): void {
    this.#appended += messages;
  }

  /** Notes that a batch contains all messages so far. */
  sealed(): void {
    this.#byBatch.push(this.#appended);
  }

  /** Notes that all nodes have the next batch. */
  acknowledged(): void {
    const stable = this.#byBatch.shift();
    invariant(stable !== undefined, "only sealed batches are acknowledged");
    this.#stable = stable;
  }
}
