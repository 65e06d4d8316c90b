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

/** How often to ask. */
export interface ProbePace {
  /** Milliseconds before the first probe after somebody came under suspicion. */
  readonly first: number;
  /** Milliseconds between two probes at most; they double up to it. */
  readonly most: number;
}

/** Decides whom to probe, and when. */
export class Prober {
  readonly #pace: ProbePace;
  readonly #random: () => number;
  #interval: number;
  #due = Infinity;
  #turn = 0;

  /** `random` gives numbers in [0, 1), so that many nodes do not probe in step. */
  constructor(pace: ProbePace, random: () => number) {
    this.#pace = pace;
    this.#random = random;
    this.#interval = pace.first;
  }

  /** When to probe next; `Infinity` while nobody is suspected. */
  get due(): number {
    return this.#due;
  }

  /**
   * Notes that somebody came under suspicion: begins to probe, at the quick end of the back-off.
   */
  suspect(now: number): void {
    this.#interval = this.#pace.first;
    this.#schedule(now);
  }

  /** Keeps on while anybody is suspected, and only then. */
  review(anybody: boolean, now: number): void {
    if (!anybody) this.#due = Infinity;
    else if (this.#due === Infinity) this.suspect(now);
  }

  /**
   * Whom to probe now: so many of the suspects, in turn. If it is more than one, the first of them
   * each time.
   */
  take(suspects: readonly string[], count: number, now: number): string[] {
    this.#interval = Math.min(this.#pace.most, 2 * this.#interval);
    this.#schedule(now);
    const always = count > 1 ? suspects.slice(0, 1) : [];
    const others = suspects.slice(always.length);
    const inTurn = Math.min(count - always.length, others.length);
    return [
      ...always,
      ...Array.from({ length: inTurn }, () => others[this.#turn++ % others.length] as string),
    ];
  }

  #schedule(now: number): void {
    this.#due = now + this.#interval * (0.75 + this.#random() / 4);
  }
}
