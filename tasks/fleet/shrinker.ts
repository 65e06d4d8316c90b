/**
 * Shrinks the failures that a worker finds in the ranges of one job.
 *
 * @module
 */

import type { Failure, ThreadPool } from "../../lib/workbench/explore/mod.ts";
import { failureKey } from "../explore/merge_reports.ts";
import { canShrink } from "../explore/shrink_and_save.ts";
import type { Claims } from "./claims.ts";
import { persist } from "./connect.ts";
import { MalformedError } from "./job.ts";

/** How many failures a worker shrinks for one job. */
const MAX_SHRUNK_FAILURES = 16;
const NO_RANGE = -1;

/** Shrinks each failure of a job once, if no other worker does. */
export class Shrinker {
  readonly #claims: Claims;
  readonly #maxRuns: number;
  readonly #onEvent: (text: string) => void;
  readonly #signal: AbortSignal;
  /**
   * The failures that this worker knows, with the range that has the claim: when that range is given
   * to this worker, it takes the claim over. {@link NO_RANGE} if nothing is left to do.
   */
  readonly #owners = new Map<string, number>();

  constructor(
    claims: Claims,
    maxRuns: number,
    onEvent: (text: string) => void,
    signal: AbortSignal,
  ) {
    this.#claims = claims;
    this.#maxRuns = maxRuns;
    this.#onEvent = onEvent;
    this.#signal = signal;
  }

  /** Shrinks the failure of a seed of a range, if the range can claim it. */
  async shrink(range: number, seed: number, failure: Failure, pool: ThreadPool): Promise<void> {
    const key = failureKey(failure);
    const owner = this.#owners.get(key);
    const isLimited = owner === undefined && this.#owners.size >= MAX_SHRUNK_FAILURES;
    if (isLimited || !canShrink(failure) || this.#maxRuns === 0) return;
    if (owner !== undefined && owner !== range) return;
    try {
      const claim = await persist(() => this.#claims.claim(failure, range), this.#signal);
      if (typeof claim !== "number") {
        this.#owners.set(key, claim.done === undefined ? claim.range : NO_RANGE);
        return;
      }
      this.#onEvent(`shrinking seed ${seed}: ${key}`);
      const { shrunk, runs } = await pool.shrink(seed, failure, this.#maxRuns, () => {});
      const stored = await persist(
        () => this.#claims.store(failure, range, claim, { seed, runs, shrunk }),
        this.#signal,
      );
      this.#onEvent(
        stored
          ? `shrunk seed ${seed} in ${runs} runs: ${key}`
          : `another worker shrinks seed ${seed}: ${key}`,
      );
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#onEvent(`refused the claim of ${key}: ${error.message}`);
    }
    this.#owners.set(key, NO_RANGE);
  }
}
