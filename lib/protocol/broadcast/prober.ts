/**
 * Looks for a sign of life of peers that did not answer.
 *
 * However many peers are suspected, only a few are asked at a time, in turn, with back-off; and
 * as soon as one of them answers all others are asked at once, since what cut them off is likely to
 * have cut off all. So a dead link costs next to nothing, and a partition that heals is noticed
 * within one interval.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";

/** The random part of each delay. Many nodes then do not probe in step. */
const JITTER = 0.25;

/** How often to ask. */
export interface ProbeOptions {
  /** Milliseconds before the first probe after somebody came under suspicion. */
  readonly minDelayMs: number;
  /** Milliseconds between two probes at most; they double up to it. */
  readonly maxDelayMs: number;
}

/** Decides whom to probe, and when. */
export class Prober {
  readonly #backoff: Backoff;
  #nextProbeAt = Infinity;
  #turn = 0;

  /** `random` gives numbers in [0, 1), so that many nodes do not probe in step. */
  constructor({ minDelayMs, maxDelayMs }: ProbeOptions, random: () => number) {
    this.#backoff = new Backoff({ minMs: minDelayMs, maxMs: maxDelayMs, jitter: JITTER }, random);
  }

  /** When to probe next; `Infinity` while nobody is suspected. */
  get nextProbeAt(): number {
    return this.#nextProbeAt;
  }

  /**
   * Notes that somebody came under suspicion: begins to probe, at the quick end of the back-off.
   */
  suspect(now: number): void {
    this.#backoff.reset();
    this.#schedule(now);
  }

  /** Keeps on while anybody is suspected, and only then. */
  update(hasSuspects: boolean, now: number): void {
    if (!hasSuspects) this.#nextProbeAt = Infinity;
    else if (this.#nextProbeAt === Infinity) this.suspect(now);
  }

  /**
   * Whom to probe now: so many of the suspects, in turn. If it is more than one, the first of them
   * each time.
   */
  nextPeers(suspects: readonly string[], count: number, now: number): string[] {
    this.#schedule(now);
    const first = count > 1 ? suspects.slice(0, 1) : [];
    const others = suspects.slice(first.length);
    const length = Math.min(count - first.length, others.length);
    return [
      ...first,
      ...Array.from({ length }, () => others[this.#turn++ % others.length] as string),
    ];
  }

  #schedule(now: number): void {
    this.#nextProbeAt = now + this.#backoff.next();
  }
}
