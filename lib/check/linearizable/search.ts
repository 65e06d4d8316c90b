/**
 * Searches for a linearization: a total order of the operations that the model accepts and that
 * respects real time (an operation that completed before another was invoked precedes it).
 *
 * The search is depth-first over configurations and remembers those it has visited (Wing and Gong,
 * "Testing and verifying concurrent objects", J. Parallel Distrib. Comput. 1993; Lowe, "Testing for
 * linearizability", Concurrency Computat. 2017). It is Lowe's just-in-time linearization: it
 * advances from response to response, and an operation is linearized only if the next response
 * requires it. This avoids orders that differ only in when concurrent operations are linearized.
 *
 * The order of the choices decides how fast a linearization is found: operations after which the
 * model accepts the due operation come first, crashed ones included. Which choices exist is the
 * matter of successors.ts.
 *
 * The problem is NP-complete, so a search has limits and may end without a result.
 *
 * @module
 */

import {
  type Configuration,
  emptySlots,
  MAY_FOLLOW,
  VisitedConfigurations,
} from "./configuration.ts";
import { PendingOperations } from "./pending.ts";
import type { Problem } from "./problem.ts";
import { type Choices, Successors } from "./successors.ts";
import type { Transitions } from "./transitions.ts";

/** The limits of a search. */
export interface SearchLimits {
  /** Whether the time limit is reached. Called every {@link STEPS_PER_TIME_CHECK} steps. */
  readonly isTimeUp: () => boolean;
  /** The maximum number of visited configurations in memory. */
  readonly maxConfigurations: number;
  /** The maximum number of comparisons with visited configurations. */
  readonly maxWork: number;
  /**
   * The index of a response that cannot be passed: the search ends when it reaches this response.
   */
  readonly impassableResponse: number;
}

/** Which orders a search tries. */
export interface SearchMode {
  /**
   * Whether each crashed operation may take effect any number of times after its invocation. This
   * relaxed problem has fewer configurations. If it has no linearization, neither has the problem.
   */
  readonly relaxed: boolean;
  /**
   * Whether operations that are overwritten unread are not ordered; see successors.ts. The result
   * is the same, with fewer configurations to explain it.
   */
  readonly pruned: boolean;
}

/** The limit that stopped a search. */
export type StopCause = "time-limit" | "configuration-limit" | "work-limit";

/** The result of a search. Not linearizable: every configuration was visited. */
export type SearchOutcome = "linearizable" | "not-linearizable" | StopCause;

const STEPS_PER_TIME_CHECK = 2048;
const MAX_FURTHEST = 10;
const GROUPS = 3;

/** A configuration on the stack, and the choices that are left there. */
interface Frame {
  readonly configuration: Configuration;
  /** The next group of choices to list: the due operation first; see {@link Successors.choices}. */
  group: number;
  choices: Choices;
  next: number;
}

/** A search that can be stopped by a limit and continued. */
export class LinearizationSearch<State> {
  readonly #problem: Problem;
  readonly #successors: Successors<State>;
  readonly #visited = new VisitedConfigurations();
  readonly #frames: Frame[] = [];
  #next: Configuration | undefined;
  #best: Configuration;
  #furthest: Configuration[] = [];

  constructor(problem: Problem, transitions: Transitions<State>, mode: SearchMode) {
    this.#problem = problem;
    this.#successors = new Successors(problem, transitions, new PendingOperations(problem), mode);
    this.#best = {
      nextResponse: 0,
      linearizedSlots: emptySlots(problem.slots),
      state: 0,
      crashedCounts: mode.relaxed ? [] : problem.crashed.map(() => 0),
      coveredBelow: 0,
      unused: MAY_FOLLOW,
      linearized: undefined,
      linearizedCount: 0,
    };
    this.#next = this.#best;
  }

  /**
   * The final configuration if the problem is linearizable, else the longest partial linearization:
   * of the configurations that passed the most responses, one with the most linearized operations.
   */
  get best(): Configuration {
    return this.#best;
  }

  /** Up to ten of the configurations that passed the most responses. */
  get furthest(): readonly Configuration[] {
    return this.#furthest;
  }

  /** The number of visited configurations in memory. */
  get visited(): number {
    return this.#visited.size;
  }

  /** The work so far, to compare with {@link SearchLimits.maxWork}. */
  get work(): number {
    return this.#visited.work;
  }

  /** Starts or continues the search until it ends or reaches a limit. */
  run(limits: SearchLimits): SearchOutcome {
    for (let steps = 1;; steps++) {
      if (this.#next !== undefined) {
        const configuration = this.#successors.linearizeReads(this.#next);
        this.#next = undefined;
        if (configuration.nextResponse === this.#problem.responses.length) {
          this.#best = configuration;
          return "linearizable";
        }
        if (this.#visited.add(configuration)) {
          this.#recordProgress(configuration);
          this.#frames.push({ configuration, group: 0, choices: [], next: 0 });
        }
      }
      const frame = this.#frames.at(-1);
      if (frame === undefined || this.#best.nextResponse >= limits.impassableResponse) {
        return "not-linearizable";
      }
      if (this.#visited.size > limits.maxConfigurations) return "configuration-limit";
      if (this.#visited.work > limits.maxWork) return "work-limit";
      if (steps % STEPS_PER_TIME_CHECK === 0 && limits.isTimeUp()) return "time-limit";
      this.#advance(frame);
    }
  }

  /** Takes the next successor of a frame; pops the frame after its last. */
  #advance(frame: Frame): void {
    for (;;) {
      const choice = frame.choices[frame.next++];
      if (choice !== undefined) {
        this.#next = this.#successors.successor(frame.configuration, choice, frame.group - 1);
        if (this.#next !== undefined) return;
      } else if (frame.group < GROUPS) {
        frame.choices = this.#successors.choices(frame.configuration, frame.group++);
        frame.next = 0;
      } else {
        this.#frames.pop();
        return;
      }
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
}
