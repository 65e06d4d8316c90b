/**
 * The updates of a session that are in flight: sent and not acknowledged. Their acknowledgements
 * measure round trips.
 *
 * @module
 */

/** Updates in flight, oldest first. */
export class InFlight {
  #firstSentMs = -Infinity;
  #maxSent = 0;
  #updates: { readonly to: number; readonly atMs: number }[] = [];

  /** When the oldest one was sent. */
  get firstSentMs(): number {
    return this.#firstSentMs;
  }

  /** Adds an update with changes from a position to another; `isOldest` if none is in flight. */
  add(from: number, to: number, now: number, isOldest: boolean): void {
    if (isOldest) this.#firstSentMs = now;
    // An acknowledgement of a retransmission does not tell which copy it is for (Karn's rule).
    if (from >= this.#maxSent) this.#updates.push({ to, atMs: now });
    this.#maxSent = Math.max(this.#maxSent, to);
  }

  /**
   * Removes the updates up to a position. Returns when the last of them was sent; undefined if none
   * is measured. `lastSentMs` is when the last update of all was sent.
   */
  acknowledge(position: number, lastSentMs: number): number | undefined {
    const unacked = this.#updates.findIndex(({ to }) => to > position);
    const acked = this.#updates.splice(0, unacked < 0 ? this.#updates.length : unacked);
    this.#firstSentMs = this.#updates[0]?.atMs ?? lastSentMs;
    return acked.at(-1)?.atMs;
  }

  /** Forgets all updates: what is sent from now on is not measured where it repeats them. */
  clear(): void {
    this.#updates = [];
  }
}
