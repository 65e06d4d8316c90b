/**
 * Looks for a linearization: an order of operations that a model allows and in which none comes
 * before another that was answered before it was invoked.
 *
 * The search goes from response to response, depth first, and remembers every configuration it has
 * been in (Wing and Gong, "Testing and verifying concurrent objects", J. Parallel Distrib. Comput.
 * 1993; Lowe, "Testing for linearizability", Concurrency Computat. 2017). It is Lowe's just-in-time
 * variant: an operation takes effect only when a response that is due needs it, itself or before it,
 * which leaves out orders that differ in nothing. Two rules save more:
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
  hasSlot,
  noSlots,
  toggleSlot,
  VisitedConfigurations,
} from "./configuration.ts";
import type { Answered, Crashed, Problem, Response } from "./problem.ts";
import { REFUSED, type Transitions } from "./transitions.ts";

/** When a search is to stop. */
export interface SearchLimit {
  /** Whether time is up; asked every few thousand steps. */
  readonly isTimeUp: () => boolean;
  /** How many configurations may be remembered. */
  readonly maxConfigurations: number;
  /** How many configurations may be compared in all. */
  readonly maxWork: number;
  /** A response that is known not to be passed: getting there is getting as far as can be. */
  readonly furthestResponse: number;
}

/** Why a search stopped before it was through. */
export type StopCause = "time-limit" | "configuration-limit" | "work-limit";

/** How a search ended. Stuck: every configuration was tried, and no linearization is complete. */
export type SearchOutcome = "linearizable" | "stuck" | StopCause;

const stepsBetweenChecks = 2048;
const furthestKept = 10;

/** A configuration and which of the ways on from it is to be tried next. */
interface Frame {
  readonly configuration: Configuration;
  next: number;
}

/** A search, which can be stopped and gone on with. */
export class LinearizationSearch<State> {
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  readonly #crashedAtWill: boolean;
  readonly #visited = new VisitedConfigurations();
  readonly #frames: Frame[] = [];
  #next: Configuration | undefined;
  #best: Configuration;
  #furthest: Configuration[] = [];

  /**
   * With `crashedAtWill`, each crashed operation may take effect any number of times once it was
   * invoked. That is a smaller problem; what has no linearization then has none at all.
   */
  constructor(problem: Problem, transitions: Transitions<State>, crashedAtWill = false) {
    this.#problem = problem;
    this.#transitions = transitions;
    this.#crashedAtWill = crashedAtWill;
    this.#best = {
      response: 0,
      effective: noSlots(problem.slots),
      state: 0,
      used: crashedAtWill ? [] : problem.crashed.map(() => 0),
      placed: undefined,
      placedCount: 0,
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
        const configuration = this.#settle(this.#next);
        this.#next = undefined;
        if (configuration.response === this.#problem.responses.length) {
          this.#best = configuration;
          return "linearizable";
        }
        if (this.#visited.add(configuration)) {
          this.#note(configuration);
          this.#frames.push({ configuration, next: 0 });
        }
      }
      const frame = this.#frames.at(-1);
      if (frame === undefined || this.#best.response >= limit.furthestResponse) return "stuck";
      if (this.#visited.size > limit.maxConfigurations) return "configuration-limit";
      if (this.#visited.work > limit.maxWork) return "work-limit";
      if (steps % stepsBetweenChecks === 0 && limit.isTimeUp()) return "time-limit";
      this.#next = this.#advance(frame);
      if (this.#next === undefined) this.#frames.pop();
    }
  }

  #note(configuration: Configuration): void {
    const ahead = configuration.response - this.#best.response;
    if (ahead < 0) return;
    if (ahead > 0) this.#furthest = [];
    if (this.#furthest.length < furthestKept) this.#furthest.push(configuration);
    if (ahead > 0 || configuration.placedCount > this.#best.placedCount) this.#best = configuration;
  }

  /** Lets reads take effect and responses pass that nothing has to be decided for. */
  #settle(configuration: Configuration): Configuration {
    let { response, effective, placed, placedCount } = configuration;
    const { state, used } = configuration;
    const { responses } = this.#problem;
    for (; response < responses.length; response++) {
      const { answered, underWay } = responses[response] as Response;
      for (const other of underWay) {
        if (!other.readOnly || hasSlot(effective, other.slot)) continue;
        if (this.#transitions.next(state, other.kind) === REFUSED) continue;
        effective = toggleSlot(effective, other.slot);
        placed = { invocation: other.invocation, before: placed };
        placedCount++;
      }
      if (!hasSlot(effective, answered.slot)) break;
      effective = toggleSlot(effective, answered.slot);
    }
    return { response, effective, state, used, placed, placedCount };
  }

  /** The next way on from a configuration: the operation that is due, another, a crashed one. */
  #advance(frame: Frame): Configuration | undefined {
    const { configuration } = frame;
    const { answered, underWay } = this.#problem.responses[configuration.response] as Response;
    if (frame.next === 0) {
      frame.next = 1;
      const next = this.#place(configuration, answered);
      if (next !== undefined) return next;
    }
    while (frame.next <= underWay.length) {
      const other = underWay[frame.next++ - 1] as Answered;
      if (other === answered || other.readOnly || hasSlot(configuration.effective, other.slot)) {
        continue;
      }
      const next = this.#place(configuration, other);
      if (next !== undefined) return next;
    }
    while (frame.next <= underWay.length + this.#problem.crashed.length) {
      const next = this.#placeCrashed(configuration, frame.next++ - 1 - underWay.length);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #place(configuration: Configuration, answered: Answered): Configuration | undefined {
    const state = this.#transitions.next(configuration.state, answered.kind);
    if (state === REFUSED) return undefined;
    return {
      ...configuration,
      effective: toggleSlot(configuration.effective, answered.slot),
      state,
      placed: { invocation: answered.invocation, before: configuration.placed },
      placedCount: configuration.placedCount + 1,
    };
  }

  #placeCrashed(configuration: Configuration, place: number): Configuration | undefined {
    const crashed = this.#problem.crashed[place] as Crashed;
    const count = this.#crashedAtWill ? 0 : configuration.used[place] as number;
    const invocation = crashed.invocations[count];
    if (invocation === undefined) return undefined;
    if ((crashed.begins[count] as number) > configuration.response) return undefined;
    const state = this.#transitions.next(configuration.state, crashed.kind);
    if (state === REFUSED || state === configuration.state) return undefined;
    return {
      ...configuration,
      state,
      used: this.#crashedAtWill ? configuration.used : configuration.used.with(place, count + 1),
      placed: { invocation, before: configuration.placed },
      placedCount: configuration.placedCount + 1,
    };
  }
}
