/**
 * The accumulated results of an exploration: failures with their seeds, and coverage.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Failure } from "./failure.ts";
import type { SeedReport } from "./explore_seed.ts";

/** How well an exploration covers one coverage point. */
export interface PointCoverage {
  readonly name: string;
  /** The number of seeds that reached the point. */
  readonly seeds: number;
  /** The number of occurrences over all seeds. */
  readonly times: number;
}

/** A failure, and the lowest seed that showed it. */
export interface FoundFailure {
  readonly failure: Failure;
  /** What happened with that seed, a line for each entry of the failure. */
  readonly signature: readonly string[];
  readonly seed: number;
  /** The number of seeds with exactly this failure. */
  readonly seeds: number;
}

/** Accumulates seed reports. The order of the reports is insignificant. */
export class Exploration {
  readonly #expected: readonly string[];
  readonly #points = new Map<string, { seeds: number; times: number }>();
  readonly #failures = new Map<
    string,
    { failure: Failure; signature: readonly string[]; seed: number; seeds: number }
  >();
  #seeds = 0;
  #operations = 0;
  #messages = 0;
  #elapsedMs = 0;
  #undecided: number[] = [];

  /** Starts without reports; coverage points in `expected` are listed even if no seed reaches them. */
  constructor(expected: readonly string[]) {
    this.#expected = expected;
  }

  /** Adds a seed's report. */
  add(report: SeedReport): void {
    invariant(report.failure.length === 0 || report.valid === false, "a failed run is invalid");
    this.#seeds++;
    this.#operations += report.operations;
    this.#messages += report.messages;
    this.#elapsedMs += report.elapsedMs;
    for (const [name, times] of Object.entries(report.coverage)) {
      const total = this.#points.get(name) ?? { seeds: 0, times: 0 };
      this.#points.set(name, { seeds: total.seeds + 1, times: total.times + times });
    }
    if (report.failure.length > 0) this.#addFailure(report);
    else if (report.valid !== true) this.#undecided.push(report.seed);
  }

  #addFailure({ failure, signature, seed }: SeedReport): void {
    const key = failure.join("\n");
    const entry = this.#failures.get(key) ?? { failure, signature, seed, seeds: 0 };
    if (seed < entry.seed) {
      entry.seed = seed;
      entry.signature = signature;
    }
    entry.seeds++;
    this.#failures.set(key, entry);
  }

  /** The totals over all seeds; `elapsedMs` is virtual time. */
  get totals() {
    return {
      seeds: this.#seeds,
      operations: this.#operations,
      messages: this.#messages,
      elapsedMs: this.#elapsedMs,
    };
  }

  /** The seeds whose runs are neither valid nor failed, in ascending order. */
  get undecided(): readonly number[] {
    return this.#undecided.toSorted((a, b) => a - b);
  }

  /** The distinct failures, ordered by their lowest seeds. */
  get failures(): readonly FoundFailure[] {
    return [...this.#failures.values()].sort((a, b) => a.seed - b.seed);
  }

  /** All expected and all reached coverage points, ordered by name. */
  get coveragePoints(): readonly PointCoverage[] {
    const names = new Set([...this.#expected, ...this.#points.keys()]);
    return [...names].sort().map((name) => ({
      name,
      ...this.#points.get(name) ?? { seeds: 0, times: 0 },
    }));
  }
}
