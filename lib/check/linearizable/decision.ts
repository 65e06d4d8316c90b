/**
 * Decides whether a problem has a linearization, within limits, in up to three stages.
 *
 * 1. A full search with a limit of work decides most histories, and explains an invalid one with
 *    all configurations that got furthest.
 * 2. A pruned search does not order operations that are overwritten unread. It decides histories
 *    with many concurrent writes.
 * 3. Crashed operations can make a history hard: to show that it has no linearization, the search
 *    must refute exponentially many ways to linearize them. In a *relaxed* problem, each of them may
 *    take effect any number of times. If the relaxed problem has no linearization, neither has the
 *    original. If it has one, this proves nothing, and the pruned search continues until it ends or
 *    reaches a limit.
 *
 * After the first stage, a register to which no value is written twice is decided without a search;
 * see zones.ts.
 *
 * A response whose state no operation can reach is not searched for: it cannot be passed.
 *
 * @module
 */

import type { Configuration } from "./configuration.ts";
import type { Problem } from "./problem.ts";
import { LinearizationSearch, type SearchLimits, type SearchOutcome } from "./search.ts";
import type { Transitions } from "./transitions.ts";
import { firstImpassableResponse } from "./zones.ts";

/** The limits of a decision. */
export type DecisionLimits = Pick<SearchLimits, "isTimeUp" | "maxConfigurations">;

/** A decision, or the limit that prevented one. */
export interface Decision {
  readonly outcome: SearchOutcome;
  /** The index of the first response that cannot be or was not passed; past the end if all were. */
  readonly blockingResponse: number;
  /** See {@link LinearizationSearch.best}; partial if no search found the linearization. */
  readonly best: Configuration;
  /** See {@link LinearizationSearch.furthest}. */
  readonly furthest: readonly Configuration[];
  /** The number of visited configurations in memory. */
  readonly visited: number;
}

const MIN_FIRST_STAGE_WORK = 10_000;
/** An easy history takes about one unit of work a response. */
const FIRST_STAGE_WORK_PER_RESPONSE = 4;
const MAX_EXPLANATION_WORK = 200_000;

const FULL = { relaxed: false, pruned: false };
const PRUNED = { relaxed: false, pruned: true };
const RELAXED = { relaxed: true, pruned: true };

/** Decides a problem: first with little work, then, if its caller wants, with all the limits. */
export class Decider<State> {
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  #search: LinearizationSearch<State>;
  #outcome: SearchOutcome = "work-limit";
  /** A response that certainly cannot be passed. */
  #impassableResponse: number;

  constructor(problem: Problem, transitions: Transitions<State>) {
    this.#problem = problem;
    this.#transitions = transitions;
    this.#search = new LinearizationSearch(problem, transitions, FULL);
    this.#impassableResponse = problem.unreachableResponse;
  }

  /** The decision so far. */
  get decision(): Decision {
    const impossible = this.#impassableResponse < Infinity && this.#outcome !== "linearizable";
    const { best, furthest, visited } = this.#search;
    const isEarlier = this.#outcome === "not-linearizable" || !impossible;
    return {
      outcome: impossible ? "not-linearizable" : this.#outcome,
      blockingResponse: isEarlier
        ? Math.min(best.nextResponse, this.#impassableResponse)
        : this.#impassableResponse,
      best,
      furthest,
      visited,
    };
  }

  /** Runs the first stage, and the second with as much work. Takes milliseconds to seconds. */
  attempt(limits: DecisionLimits): void {
    const maxWork = MIN_FIRST_STAGE_WORK +
      FIRST_STAGE_WORK_PER_RESPONSE * this.#problem.responses.length;
    this.#run(limits, maxWork);
    if (this.#outcome === "linearizable" || this.#outcome === "not-linearizable") return;
    if (this.#impassableResponse === Infinity) this.#decideByZones();
    if (this.#outcome !== "work-limit" || this.#impassableResponse < Infinity) return;
    this.#search = new LinearizationSearch(this.#problem, this.#transitions, PRUNED);
    this.#run(limits, maxWork);
  }

  /** Continues, unless {@link attempt} has decided, until a limit is reached. */
  finish(limits: DecisionLimits): void {
    if (this.decision.outcome !== "work-limit") return;
    if (this.#problem.crashed.length > 0) {
      const relaxed = new LinearizationSearch(this.#problem, this.#transitions, RELAXED);
      const all = { ...limits, maxWork: Infinity, impassableResponse: Infinity };
      if (relaxed.run(all) === "not-linearizable") {
        this.#impassableResponse = relaxed.best.nextResponse;
      }
    }
    this.#run(limits, this.#impassableResponse < Infinity ? MAX_EXPLANATION_WORK : Infinity);
  }

  /** Decides without a search, if no value is written twice. */
  #decideByZones(): void {
    const impassable = firstImpassableResponse(this.#problem);
    if (impassable === Infinity) this.#outcome = "linearizable";
    else if (impassable !== undefined) this.#impassableResponse = impassable;
  }

  #run(limits: DecisionLimits, maxWork: number): void {
    const impassableResponse = this.#impassableResponse;
    this.#outcome = this.#search.run({ ...limits, maxWork, impassableResponse });
  }
}
