/**
 * Decides whether a problem has a linearization, within limits.
 *
 * Most histories are decided quickly. Crashed operations make a history hard: to show that it has
 * no linearization, the search must refute exponentially many ways to linearize them. A first
 * search has a limit of work. If it reaches this limit, a *relaxed* problem is searched, in which
 * each crashed operation may take effect any number of times:
 *
 * - If the relaxed problem has no linearization, neither has the original. The original search then
 *   continues only until it reaches the response that blocked the relaxed search, to report a good
 *   partial linearization.
 * - If the relaxed problem has one, this proves nothing, and the original search continues until it
 *   ends or reaches a limit.
 *
 * @module
 */

import type { Configuration } from "./configuration.ts";
import type { Problem } from "./problem.ts";
import { LinearizationSearch, type SearchLimits, type SearchOutcome } from "./search.ts";
import type { Transitions } from "./transitions.ts";

/** The limits of a decision. */
export interface DecisionLimits {
  readonly isTimeUp: () => boolean;
  readonly maxConfigurations: number;
}

/** A decision, or the limit that prevented one. */
export interface Decision {
  readonly outcome: Exclude<SearchOutcome, "work-limit">;
  /** The index of the first response that cannot be or was not passed; past the end if all were. */
  readonly blockingResponse: number;
  /** See {@link LinearizationSearch.best}. */
  readonly best: Configuration;
  /** See {@link LinearizationSearch.furthest}. */
  readonly furthest: readonly Configuration[];
  /** The number of visited configurations in memory. */
  readonly visited: number;
}

const MAX_FIRST_SEARCH_WORK = 200_000;

/** Decides a problem within the limits. */
export function decide<State>(
  problem: Problem,
  transitions: Transitions<State>,
  { isTimeUp, maxConfigurations }: DecisionLimits,
): Decision {
  const search = new LinearizationSearch(problem, transitions);
  const limits: SearchLimits = {
    isTimeUp,
    maxConfigurations,
    maxWork: Infinity,
    impassableResponse: Infinity,
  };
  const hard = problem.crashed.length > 0;
  let outcome = search.run(hard ? { ...limits, maxWork: MAX_FIRST_SEARCH_WORK } : limits);
  let impassableResponse = Infinity;
  if (outcome === "work-limit") {
    const relaxed = new LinearizationSearch(problem, transitions, true);
    if (relaxed.run(limits) === "not-linearizable") impassableResponse = relaxed.best.nextResponse;
    outcome = search.run({ ...limits, impassableResponse });
  }
  const impossible = outcome !== "linearizable" && impassableResponse < Infinity;
  const { best, furthest, visited } = search;
  return {
    outcome: impossible ? "not-linearizable" : outcome as Decision["outcome"],
    blockingResponse: impossible ? impassableResponse : best.nextResponse,
    best,
    furthest,
    visited,
  };
}
