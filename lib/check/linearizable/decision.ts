/**
 * Decides whether a problem has a linearization, and knows when to stop.
 *
 * Most histories are decided at once. What makes a history hard is crashed operations: where there
 * is no linearization, every way of using them has to be refuted, and there are exponentially many.
 * So when a first try has taken too long, the search asks a smaller question: is there a
 * linearization if crashed operations may happen again and again? If not, there is none at all, and
 * none can get further than that search did. If there is, nothing is known, and the first search
 * goes on until it is through or has spent what it may.
 *
 * @module
 */

import type { Configuration } from "./configuration.ts";
import type { Problem } from "./problem.ts";
import { LinearizationSearch, type SearchLimit, type StopCause } from "./search.ts";
import type { Transitions } from "./transitions.ts";

/** What a decision may cost. */
export interface Budget {
  readonly isTimeUp: () => boolean;
  readonly maxConfigurations: number;
}

/** A decision, or why there is none. */
export interface Decision {
  readonly outcome: "linearizable" | "stuck" | Exclude<StopCause, "work-limit">;
  /** The response that cannot be passed, or that was not passed; none when all were. */
  readonly blockingResponse: number;
  /** The configuration at the end, or the one that placed most of those that got furthest. */
  readonly best: Configuration;
  /** Some of the configurations that got furthest. */
  readonly furthest: readonly Configuration[];
  /** How many configurations were remembered. */
  readonly visited: number;
}

const MAX_FIRST_SEARCH_WORK = 200_000;

/** Decides a problem within a budget. */
export function decide<State>(
  problem: Problem,
  transitions: Transitions<State>,
  { isTimeUp, maxConfigurations }: Budget,
): Decision {
  const search = new LinearizationSearch(problem, transitions);
  const limit: SearchLimit = {
    isTimeUp,
    maxConfigurations,
    maxWork: Infinity,
    impassableResponse: Infinity,
  };
  const hard = problem.crashed.length > 0;
  let outcome = search.run(hard ? { ...limit, maxWork: MAX_FIRST_SEARCH_WORK } : limit);
  let furthestResponse = Infinity;
  if (outcome === "work-limit") {
    const atWill = new LinearizationSearch(problem, transitions, true);
    if (atWill.run(limit) === "stuck") furthestResponse = atWill.best.nextResponse;
    outcome = search.run({ ...limit, impassableResponse: furthestResponse });
  }
  const impossible = outcome !== "linearizable" && furthestResponse < Infinity;
  const { best, furthest, visited } = search;
  return {
    outcome: impossible ? "stuck" : outcome as Decision["outcome"],
    blockingResponse: impossible ? furthestResponse : best.nextResponse,
    best,
    furthest,
    visited,
  };
}
