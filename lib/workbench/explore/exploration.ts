/**
 * What an exploration has found so far: which seeds failed and in which ways, and what was covered.
 *
 * @module
 */

import type { Failure } from "./failure.ts";
import type { SeedReport } from "./explore_seed.ts";

/** How far one feature was reached. */
export interface FeatureCoverage {
  readonly name: string;
  /** How many seeds reached it. */
  readonly seeds: number;
  /** How often it happened in all of them. */
  readonly times: number;
}

/** A way of failing, and the lowest seed that showed it. */
export interface FoundFailure {
  readonly failure: Failure;
  readonly seed: number;
  /** How many seeds failed in just this way. */
  readonly seeds: number;
}

/** Gathers the reports of seeds. Their order makes no difference. */
export class Exploration {
  readonly #expected: readonly string[];
  readonly #features = new Map<string, { seeds: number; times: number }>();
  readonly #failures = new Map<string, { failure: Failure; seed: number; seeds: number }>();
  #seeds = 0;
  #operations = 0;
  #messages = 0;
  #elapsed = 0;
  #undecided: number[] = [];

  /** `expected` are features that are reported even if no seed reaches them. */
  constructor(expected: readonly string[]) {
    this.#expected = expected;
  }

  /** Takes a seed's report. */
  add(report: SeedReport): void {
    this.#seeds++;
    this.#operations += report.operations;
    this.#messages += report.messages;
    this.#elapsed += report.elapsed;
    for (const [name, times] of Object.entries(report.features)) {
      const known = this.#features.get(name) ?? { seeds: 0, times: 0 };
      this.#features.set(name, { seeds: known.seeds + 1, times: known.times + times });
    }
    if (report.failure.length > 0) this.#addFailure(report);
    else if (report.valid !== true) this.#undecided.push(report.seed);
  }

  #addFailure({ failure, seed }: SeedReport): void {
    const key = failure.join("\n");
    const known = this.#failures.get(key) ?? { failure, seed, seeds: 0 };
    known.seed = Math.min(known.seed, seed);
    known.seeds++;
    this.#failures.set(key, known);
  }

  /** How many seeds there were, and how much happened in them; `elapsed` is virtual milliseconds. */
  get totals() {
    return {
      seeds: this.#seeds,
      operations: this.#operations,
      messages: this.#messages,
      elapsed: this.#elapsed,
    };
  }

  /** The seeds that no checker could decide, ascending. */
  get undecided(): readonly number[] {
    return this.#undecided.toSorted((a, b) => a - b);
  }

  /** The ways of failing, by their lowest seeds. */
  get failures(): readonly FoundFailure[] {
    return [...this.#failures.values()].sort((a, b) => a.seed - b.seed);
  }

  /** All features that were expected or reached, by name. */
  get features(): readonly FeatureCoverage[] {
    const names = new Set([...this.#expected, ...this.#features.keys()]);
    return [...names].sort().map((name) => ({
      name,
      ...this.#features.get(name) ?? { seeds: 0, times: 0 },
    }));
  }
}
