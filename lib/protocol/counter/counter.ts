/**
 * The interface of a replicated counter, which every strategy implements.
 *
 * @module
 */

/** A counter, as one node sees it. */
export interface Counter {
  /** Adds an integer; resolves when the node may acknowledge the addition. */
  add(delta: number): void | Promise<void>;
  /** Returns the sum of the additions that this node has received. */
  read(): number | Promise<number>;
}
