/**
 * Failure detection: which peers are suspected because they do not reply.
 *
 * @module
 */

/** When a peer is suspected, and how often a suspected one is tried. */
export interface FailureDetectorOptions {
  /**
   * A peer is suspected when a request has waited this long for any message of it, in ms. A function
   * returns the present timeout, for one that follows round trips.
   */
  readonly timeoutMs: number | (() => number);
  /** How long a suspected peer is left alone, in milliseconds; doubled with each further timeout. */
  readonly minRetryMs?: number;
  /** The longest time that a suspected peer is left alone; `minRetryMs` by default. */
  readonly maxRetryMs?: number;
}

interface Peer {
  /** When the oldest request was sent that no message of the peer followed; undefined for none. */
  awaitingSince: number | undefined;
  lastReceived: number;
  /** When a suspected peer may be tried again. */
  retryAt: number;
  retryMs: number;
}

/**
 * Suspects peers that do not reply in time, and clears the suspicion with any message of theirs.
 *
 * It is unreliable in the sense of Chandra and Toueg (1996): a slow peer is suspected, too. Protocols
 * may therefore use it to save messages and waiting, never to decide what is true.
 *
 * Times are milliseconds of a monotonic clock.
 */
export class FailureDetector {
  readonly #timeoutMs: () => number;
  readonly #minRetryMs: number;
  readonly #maxRetryMs: number;
  readonly #peers = new Map<string, Peer>();

  /** Throws a RangeError for a time that is not above 0. */
  constructor(
    { timeoutMs: timeout, minRetryMs, maxRetryMs }: FailureDetectorOptions,
  ) {
    this.#timeoutMs = typeof timeout === "number" ? () => timeout : timeout;
    const timeoutMs = this.#timeoutMs();
    const min = minRetryMs ?? timeoutMs;
    const max = maxRetryMs ?? min;
    if (!(timeoutMs > 0 && min > 0 && max >= min)) {
      throw new RangeError(
        "a failure detector needs timeoutMs > 0 and maxRetryMs ≥ minRetryMs > 0, " +
          `got ${timeoutMs}, ${max}, ${min}`,
      );
    }
    this.#minRetryMs = min;
    this.#maxRetryMs = max;
  }

  /** Notes that a request was sent to a peer and awaits a reply. */
  sent(peer: string, now: number): void {
    this.#get(peer).awaitingSince ??= now;
  }

  /**
   * Notes a message from a peer: it is alive, and not suspected. Returns how many milliseconds the
   * oldest request has waited for it; undefined if none has.
   */
  received(peer: string, now: number): number | undefined {
    const state = this.#get(peer);
    const { awaitingSince } = state;
    state.awaitingSince = undefined;
    state.lastReceived = now;
    state.retryAt = -Infinity;
    state.retryMs = this.#minRetryMs;
    return awaitingSince === undefined ? undefined : now - awaitingSince;
  }

  /** Notes that a request to a peer timed out: the peer is left alone for a while. */
  timedOut(peer: string, now: number): void {
    const state = this.#get(peer);
    state.retryAt = now + state.retryMs;
    state.retryMs = Math.min(this.#maxRetryMs, 2 * state.retryMs);
  }

  /** Returns whether a request to a peer has waited for too long. */
  isSuspected(peer: string, now: number): boolean {
    const { awaitingSince } = this.#get(peer);
    return awaitingSince !== undefined && now - awaitingSince >= this.#timeoutMs();
  }

  /** Returns whether a peer may be tried: it has not timed out, or has been left alone since. */
  mayTry(peer: string, now: number): boolean {
    return now >= this.#get(peer).retryAt;
  }

  /** Milliseconds since the last message of a peer; Infinity when there was none. */
  silenceMs(peer: string, now: number): number {
    return now - this.#get(peer).lastReceived;
  }

  #get(peer: string): Peer {
    let state = this.#peers.get(peer);
    if (state === undefined) {
      state = {
        awaitingSince: undefined,
        lastReceived: -Infinity,
        retryAt: -Infinity,
        retryMs: this.#minRetryMs,
      };
      this.#peers.set(peer, state);
    }
    return state;
  }
}
