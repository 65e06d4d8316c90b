/**
 * Searches for a linearization: a total order of the operations that the model accepts and that
 * respects real time (an operation that completed before another was invoked precedes it).
 *
 * The search is depth-first over configurations and remembers those it has visited (Wing and Gong,
 * "Testing and verifying concurrent objects", J. Parallel Distrib. Comput. 1993; Lowe, "Testing for
 * linearizability", Concurrency Computat. 2017). It is Lowe's just-in-time linearization: it
 * advances from response to response, and an operation is linearized only if the next response
 * requires it. This avoids orders that differ only in when concurrent operations are linearized.
 * Two rules prune further:
 *
 * - A read is linearized as early as possible, because it does not change the state.
 * - A crashed operation is linearized only if it changes the state; otherwise it may be left out.
 *
 * The problem is NP-complete, so a search has limits and may end without a result.
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

/** The limit that stopped a search. */
export type StopCause = "time-limit" | "configuration-limit" | "work-limit";

/** The result of a search. Not linearizable: every configuration was visited. */
export type SearchOutcome = "linearizable" | "not-linearizable" | StopCause;

const STEPS_PER_TIME_CHECK = 2048;
const MAX_FURTHEST = 10;

/** A configuration on the stack, with the index of its next successor to try. */
interface Frame {
  readonly configuration: Configuration;
  next: number;
}

/** A search that can be stopped by a limit and continued. */
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
   * With `relaxed`, each crashed operation may take effect any number of times after its
   * invocation. The relaxed problem has fewer configurations. If it has no linearization, neither
   * has the problem.
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

  /** Starts or continues the search until it ends or reaches a limit. */
  run(limits: SearchLimits): SearchOutcome {
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
      if (frame === undefined || this.#best.nextResponse >= limits.impassableResponse) {
        return "not-linearizable";
      }
      if (this.#visited.size > limits.maxConfigurations) return "configuration-limit";
      if (this.#visited.work > limits.maxWork) return "work-limit";
      if (steps % STEPS_PER_TIME_CHECK === 0 && limits.isTimeUp()) return "time-limit";
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

  /**
   * Linearizes the reads that are consistent now, and passes responses while this needs no choice.
   */
  #linearizeEagerly(configuration: Configuration): Configuration {
    let { nextResponse, linearizedSlots, linearized, linearizedCount } = configuration;
    const { state } = configuration;
    const { responses } = this.#problem;
    for (; nextResponse < responses.length; nextResponse++) {
      const { completed, pending } = responses[nextResponse] as Response;
      for (const operation of pending) {
        if (!operation.readOnly || hasSlot(linearizedSlots, operation.slot)) continue;
        if (this.#transitions.next(state, operation.kind) === INCONSISTENT) continue;
        linearizedSlots = toggleSlot(linearizedSlots, operation.slot);
        linearized = { invocation: operation.invocation, previous: linearized };
        linearizedCount++;
      }
      if (!hasSlot(linearizedSlots, completed.slot)) break;
      linearizedSlots = toggleSlot(linearizedSlots, completed.slot);
    }
    return { ...configuration, nextResponse, linearizedSlots, linearized, linearizedCount };
  }

  /**
   * Returns the next successor of a configuration: it linearizes the operation of the next
   * response, then, in turn, each other pending operation and each kind of crashed operation.
   */
  #nextSuccessor(frame: Frame): Configuration | undefined {
    const { configuration } = frame;
    const { completed, pending } = this.#problem
      .responses[configuration.nextResponse] as Response;
    if (frame.next === 0) {
      frame.next = 1;
      const next = this.#linearize(configuration, completed);
      if (next !== undefined) return next;
    }
    while (frame.next <= pending.length) {
      const other = pending[frame.next++ - 1] as OkOperation;
      const isLinearized = hasSlot(configuration.linearizedSlots, other.slot);
      if (other === completed || other.readOnly || isLinearized) continue;
      const next = this.#linearize(configuration, other);
      if (next !== undefined) return next;
    }
    while (frame.next <= pending.length + this.#problem.crashed.length) {
      const next = this.#linearizeCrashed(configuration, frame.next++ - 1 - pending.length);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #linearize(configuration: Configuration, operation: OkOperation): Configuration | undefined {
    const state = this.#transitions.next(configuration.state, operation.kind);
    if (state === INCONSISTENT) return undefined;
    return {
      ...configuration,
      linearizedSlots: toggleSlot(configuration.linearizedSlots, operation.slot),
      state,
      linearized: { invocation: operation.invocation, previous: configuration.linearized },
      linearizedCount: configuration.linearizedCount + 1,
    };
  }

  #linearizeCrashed(configuration: Configuration, index: number): Configuration | undefined {
    const crashed = this.#problem.crashed[index] as CrashedKind;
    const { crashedCounts } = configuration;
    const count = this.#relaxed ? 0 : crashedCounts[index] as number;
    const invocation = crashed.invocations[count];
    if (invocation === undefined) return undefined;
    if ((crashed.responsesBefore[count] as number) > configuration.nextResponse) return undefined;
    const state = this.#transitions.next(configuration.state, crashed.kind);
    if (state === INCONSISTENT || state === configuration.state) return undefined;
    return {
      ...configuration,
      state,
      crashedCounts: this.#relaxed ? crashedCounts : crashedCounts.with(index, count + 1),
      linearized: { invocation, previous: configuration.linearized },
      linearizedCount: configuration.linearizedCount + 1,
    };
  }
}
