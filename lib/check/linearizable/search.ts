/**
 * Looks for a linearization: an order of operations that a model allows and in which none comes
 * before another that was answered before it was invoked.
 *
 * The search goes from response to response, depth first, and remembers every configuration it has
 * been in (Wing and Gong, "Testing and verifying concurrent objects", J. Parallel Distrib. Comput.
 * 1993; Lowe, "Testing for linearizability", Concurrency Computat. 2017). It is Lowe's just-in-time
 * variant: an operation takes effect only when a response that is due needs it, itself or before
 * it, which leaves out orders that differ in nothing. Two rules save more:
 *
 * - a read takes effect as soon as it can: it changes nothing for others;
 * - a crashed operation takes effect only if it changes the state: it might as well not have happened.
 *
 * Deciding this is NP-complete, so a search may be stopped, and its answer is then none.
 *
 * @module
 */

import {
  type Configuration,
  emptySlots,
  hasSlot,
  toggleSlot,
  VisitedConfigurations,
} from "./configuration.ts";
import type { CrashedKind, OkOperation, Problem, Response } from "./problem.ts";
import { INCONSISTENT, type Transitions } from "./transitions.ts";

/** When a search is to stop. */
export interface SearchLimit {
  /** Whether time is up; asked every few thousand steps. */
  readonly isTimeUp: () => boolean;
  /** How many configurations may be remembered. */
  readonly maxConfigurations: number;
  /** How many configurations may be compared in all. */
  readonly maxWork: number;
  /** A response that is known not to be passed: getting there is getting as far as can be. */
  readonly impassableResponse: number;
}

/** Why a search stopped before it was through. */
export type StopCause = "time-limit" | "configuration-limit" | "work-limit";

/** How a search ended. Stuck: every configuration was tried, and no linearization is complete. */
export type SearchOutcome = "linearizable" | "stuck" | StopCause;

const STEPS_PER_TIME_CHECK = 2048;
const MAX_FURTHEST = 10;

/** A configuration and which of the ways on from it is to be tried next. */
interface Frame {
  readonly configuration: Configuration;
  next: number;
}

/** A search, which can be stopped and gone on with. */
export class LinearizationSearch<State> {
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  readonly #relaxed: boolean;
  readonly #visited = new VisitedConfigurations();
  readonly #frames: Frame[] = [];
  #next: Configuration | undefined;
  #best: Configuration;
  #furthest: Configuration[] = [];

  /**
   * With `crashedAtWill`, each crashed operation may take effect any number of times once it was
   * invoked. That is a smaller problem; what has no linearization then has none at all.
   */
  constructor(problem: Problem, transitions: Transitions<State>, relaxed = false) {
    this.#problem = problem;
    this.#transitions = transitions;
    this.#relaxed = relaxed;
    this.#best = {
      nextResponse: 0,
      linearizedSlots: emptySlots(problem.slots),
      state: 0,
      crashedCounts: relaxed ? [] : problem.crashed.map(() => 0),
      linearized: undefined,
      linearizedCount: 0,
    };
    this.#next = this.#best;
  }

  /** The configuration at the end, or the one that placed most of those that got furthest. */
  get best(): Configuration {
    return this.#best;
  }

  /** Some of the configurations that got furthest. */
  get furthest(): readonly Configuration[] {
    return this.#furthest;
  }

  /** How many configurations are remembered. */
  get visited(): number {
    return this.#visited.size;
  }

  /** Goes on until the search is through or a limit is met. */
  run(limit: SearchLimit): SearchOutcome {
    for (let steps = 1;; steps++) {
      if (this.#next !== undefined) {
        const configuration = this.#linearizeEagerly(this.#next);
        this.#next = undefined;
        if (configuration.nextResponse === this.#problem.responses.length) {
          this.#best = configuration;
          return "linearizable";
        }
        if (this.#visited.add(configuration)) {
          this.#recordProgress(configuration);
          this.#frames.push({ configuration, next: 0 });
        }
      }
      const frame = this.#frames.at(-1);
      if (frame === undefined || this.#best.nextResponse >= limit.impassableResponse) {
        return "stuck";
      }
      if (this.#visited.size > limit.maxConfigurations) return "configuration-limit";
      if (this.#visited.work > limit.maxWork) return "work-limit";
      if (steps % STEPS_PER_TIME_CHECK === 0 && limit.isTimeUp()) return "time-limit";
      this.#next = this.#nextSuccessor(frame);
      if (this.#next === undefined) this.#frames.pop();
    }
  }

  #recordProgress(configuration: Configuration): void {
    const ahead = configuration.nextResponse - this.#best.nextResponse;
    if (ahead < 0) return;
    if (ahead > 0) this.#furthest = [];
    if (this.#furthest.length < MAX_FURTHEST) this.#furthest.push(configuration);
    if (ahead > 0 || configuration.linearizedCount > this.#best.linearizedCount) {
      this.#best = configuration;
    }
  }

  /** Lets reads take effect and responses pass that nothing has to be decided for. */
  #linearizeEagerly(configuration: Configuration): Configuration {
    let {
      nextResponse: response,
      linearizedSlots: effective,
      linearized: placed,
      linearizedCount: placedCount,
    } = configuration;
    const { state, crashedCounts: used } = configuration;
    const { responses } = this.#problem;
    for (; response < responses.length; response++) {
      const { completed: answered, pending: underWay } = responses[response] as Response;
      for (const other of underWay) {
        if (!other.readOnly || hasSlot(effective, other.slot)) continue;
        if (this.#transitions.next(state, other.kind) === INCONSISTENT) continue;
        effective = toggleSlot(effective, other.slot);
        placed = { invocation: other.invocation, previous: placed };
        placedCount++;
      }
      if (!hasSlot(effective, answered.slot)) break;
      effective = toggleSlot(effective, answered.slot);
    }
    return {
      nextResponse: response,
      linearizedSlots: effective,
      state,
      crashedCounts: used,
      linearized: placed,
      linearizedCount: placedCount,
    };
  }

  /** The next way on from a configuration: the operation that is due, another, a crashed one. */
  #nextSuccessor(frame: Frame): Configuration | undefined {
    const { configuration } = frame;
    const { completed: answered, pending: underWay } = this.#problem
      .responses[configuration.nextResponse] as Response;
    if (frame.next === 0) {
      frame.next = 1;
      const next = this.#linearize(configuration, answered);
      if (next !== undefined) return next;
    }
    while (frame.next <= underWay.length) {
      const other = underWay[frame.next++ - 1] as OkOperation;
      if (
        other === answered || other.readOnly || hasSlot(configuration.linearizedSlots, other.slot)
      ) {
        continue;
      }
      const next = this.#linearize(configuration, other);
      if (next !== undefined) return next;
    }
    while (frame.next <= underWay.length + this.#problem.crashed.length) {
      const next = this.#linearizeCrashed(configuration, frame.next++ - 1 - underWay.length);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #linearize(configuration: Configuration, answered: OkOperation): Configuration | undefined {
    const state = this.#transitions.next(configuration.state, answered.kind);
    if (state === INCONSISTENT) return undefined;
    return {
      ...configuration,
      linearizedSlots: toggleSlot(configuration.linearizedSlots, answered.slot),
      state,
      linearized: { invocation: answered.invocation, previous: configuration.linearized },
      linearizedCount: configuration.linearizedCount + 1,
    };
  }

  #linearizeCrashed(configuration: Configuration, place: number): Configuration | undefined {
    const crashed = this.#problem.crashed[place] as CrashedKind;
    const count = this.#relaxed ? 0 : configuration.crashedCounts[place] as number;
    const invocation = crashed.invocations[count];
    if (invocation === undefined) return undefined;
    if ((crashed.responsesBefore[count] as number) > configuration.nextResponse) return undefined;
    const state = this.#transitions.next(configuration.state, crashed.kind);
    if (state === INCONSISTENT || state === configuration.state) return undefined;
    return {
      ...configuration,
      state,
      crashedCounts: this.#relaxed
        ? configuration.crashedCounts
        : configuration.crashedCounts.with(place, count + 1),
      linearized: { invocation, previous: configuration.linearized },
      linearizedCount: configuration.linearizedCount + 1,
    };
  }
}
