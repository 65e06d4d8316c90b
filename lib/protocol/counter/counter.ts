/**
 * A counter on a cluster: what all strategies have in common.
 *
 * @module
 */

/** A counter as one node sees it. */
export interface Counter {
  /** Adds an integer; resolves when the addition may be acknowledged. */
  add(delta: number): void | Promise<void>;
  /** The sum of all additions, as far as they are known here. */
  read(): number | Promise<number>;
}
