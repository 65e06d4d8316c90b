/**
 * Probes suspected peers, which did not reply.
 *
 * Only a few suspects are probed at a time, in turn and with back-off. The first reply triggers
 * probes to all others, since the same fault is likely to have isolated all of them. An unreachable
 * peer therefore costs few messages, and a heal is detected within one interval.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";

/** The random part of each delay. Many nodes then do not probe in step. */
const JITTER = 0.25;

/** How often to probe. */
export interface ProbeOptions {
  /** Milliseconds from the first suspicion to the first probe. */
  readonly minDelayMs: number;
  /** The longest delay between two probes, in milliseconds. The delay doubles up to it. */
  readonly maxDelayMs: number;
}

/** Decides which suspects to probe, and when. */
export class Prober {
  readonly #backoff: Backoff;
  #nextProbeAt = Infinity;
  #turn = 0;

  /** `random` returns numbers in [0, 1). */
  constructor({ minDelayMs, maxDelayMs }: ProbeOptions, random: () => number) {
    this.#backoff = new Backoff({ minMs: minDelayMs, maxMs: maxDelayMs, jitter: JITTER }, random);
  }

  /** The time of the next probe; `Infinity` while no peer is suspected. */
  get nextProbeAt(): number {
    return this.#nextProbeAt;
  }

  /** Notes that a peer is suspected: probing starts again with the shortest delay. */
  suspect(now: number): void {
    this.#backoff.reset();
    this.#schedule(now);
  }

  /** Starts probing when there are suspects, and stops it when there are none. */
  update(hasSuspects: boolean, now: number): void {
    if (!hasSuspects) this.#nextProbeAt = Infinity;
    else if (this.#nextProbeAt === Infinity) this.suspect(now);
  }

  /**
   * Returns the suspects to probe now: `count` of them, in turn. If `count` is above 1, the first
   * suspect is always among them.
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
