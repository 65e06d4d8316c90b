/**
 * Checks whether the history of one object is linearizable, and explains where it is not.
 *
 * @module
 */

import type { History, Operation } from "../../history/mod.ts";
import { capitalise, describeOperation, describeValue } from "../explanation.ts";
import type { Verdict } from "../verdict.ts";
import { type Configuration, hasSlot } from "./configuration.ts";
import type { Model } from "./model.ts";
import { buildProblem, type OkOperation, type Problem, type Response } from "./problem.ts";
import { decide, type Decision } from "./decision.ts";
import { Transitions } from "./transitions.ts";

/** The limits of a check. The problem is NP-complete, so an unlimited check may not terminate. */
export interface LinearizableOptions {
  /** Returns the time in milliseconds. Without this clock, time is unlimited. */
  readonly now?: () => number;
  /** The time limit of the search, in ms of that clock. Default: 60,000. */
  readonly timeLimitMs?: number;
  /** The maximum number of visited configurations in memory. Default: 2,000,000. */
  readonly maxConfigurations?: number;
}

/** The default of {@link LinearizableOptions.timeLimitMs}. */
export const DEFAULT_TIME_LIMIT_MS = 60_000;
const DEFAULT_MAX_CONFIGURATIONS = 2_000_000;

/**
 * Checks a history of operations on one object. Failed operations did not take effect.
 * Indeterminate ones (`info`, or never completed) took effect at some time after their invocation,
 * or not at all.
 *
 * The verdict has Knossos' keys. If it is invalid:
 * - `op` is the completion that cannot be linearized;
 * - `previous-ok` is the last ok completion before it;
 * - `last-op` is the last operation of the longest partial linearization;
 * - `configs` and `final-paths` describe up to ten configurations that got furthest;
 * - `linearization` is the longest partial linearization, as indexes of invocations, and `message`
 *   explains it (Knossos has neither of these two keys).
 *
 * If the verdict is unknown, `cause` names the limit that was reached. `visited` is the number of
 * configurations.
 */
export function checkLinearizable<State>(
  history: History,
  model: Model<State>,
  options: LinearizableOptions = {},
): Verdict {
  const problem = buildProblem(history, model);
  const transitions = new Transitions(model, problem.calls);
  const { now, timeLimitMs = DEFAULT_TIME_LIMIT_MS } = options;
  const deadlineMs = now === undefined ? Infinity : now() + timeLimitMs;
  const decision = decide(problem, transitions, {
    isTimeUp: () => now !== undefined && now() >= deadlineMs,
    maxConfigurations: options.maxConfigurations ?? DEFAULT_MAX_CONFIGURATIONS,
  });
  const report = new Report(history, model, problem, transitions, decision);
  if (decision.outcome === "linearizable") return report.valid();
  return decision.outcome === "not-linearizable"
    ? report.invalid()
    : report.unknown(decision.outcome);
}

class Report<State> {
  readonly #history: History;
  readonly #model: Model<State>;
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  readonly #decision: Decision;

  constructor(
    history: History,
    model: Model<State>,
    problem: Problem,
    transitions: Transitions<State>,
    decision: Decision,
  ) {
    this.#history = history;
    this.#model = model;
    this.#problem = problem;
    this.#transitions = transitions;
    this.#decision = decision;
  }

  valid(): Verdict {
    const { best, visited } = this.#decision;
    return { "valid?": true, configs: [this.#configuration(best)], "final-paths": [], visited };
  }

  invalid(): Verdict {
    const { best, furthest, visited } = this.#decision;
    const blocking = this.#blockingOperation();
    return {
      "valid?": false,
      op: blocking.completion,
      "previous-ok": this.#previousOk(blocking.completion),
      "last-op": this.#lastLinearized(best),
      configs: furthest.map((configuration) => this.#configuration(configuration)),
      "final-paths": furthest.map((configuration) => this.#finalPath(configuration, blocking)),
      linearization: linearizationOf(best),
      message: this.#explain(best, blocking),
      visited,
    };
  }

  unknown(cause: string): Verdict {
    const { best, visited } = this.#decision;
    const { completion } = this.#blockingOperation();
    return {
      "valid?": "unknown",
      cause,
      op: completion,
      linearization: linearizationOf(best),
      message: `The search reached its ${cause} after ${visited} configurations; ` +
        `the first operation that it did not linearize is ${describeCompletion(completion)}`,
      visited,
    };
  }

  #blockingOperation(): OkOperation {
    return (this.#problem.responses[this.#decision.blockingResponse] as Response).completed;
  }

  #explain(best: Configuration, blocking: OkOperation): string {
    const claim = `${capitalise(describeCompletion(blocking.completion))} cannot be linearized`;
    if (best.nextResponse !== this.#decision.blockingResponse) {
      return `${claim}, even if indeterminate operations could take effect any number of times`;
    }
    const last = this.#lastLinearized(best);
    const prefix = last === undefined
      ? "in the initial state"
      : `after the longest partial linearization, which ends with ${describeCompletion(last)}`;
    return `${claim}: ${prefix}, ` +
      this.#model.inconsistency(this.#transitions.state(best.state), blocking.completion);
  }

  #configuration(configuration: Configuration): Record<string, unknown> {
    const next = this.#problem.responses[configuration.nextResponse];
    const pending = (next?.pending ?? [])
      .filter(({ slot }) => !hasSlot(configuration.linearizedSlots, slot))
      .map(({ invocation, completion }) => ({ ...invocation, value: completion.value }));
    return {
      model: this.#model.describeState(this.#transitions.state(configuration.state)),
      "last-op": this.#lastLinearized(configuration),
      pending,
    };
  }

  #finalPath(configuration: Configuration, { completion }: OkOperation): unknown[] {
    const state = this.#transitions.state(configuration.state);
    const last = this.#lastLinearized(configuration);
    const reached = last === undefined
      ? []
      : [{ op: last, model: this.#model.describeState(state) }];
    return [...reached, {
      op: completion,
      model: { msg: this.#model.inconsistency(state, completion) },
    }];
  }

  /** The last linearized operation: its completion, or its invocation if it crashed. */
  #lastLinearized({ linearized }: Configuration): Operation | undefined {
    const invocation = linearized?.invocation;
    if (invocation === undefined) return undefined;
    return this.#history.find(({ index, type, process }) =>
      index > invocation.index && process === invocation.process && type === "ok"
    ) ?? invocation;
  }

  #previousOk(completion: Operation): Operation | undefined {
    return this.#history.findLast(({ index, type, process }) =>
      type === "ok" && index < completion.index && process !== "nemesis"
    );
  }
}

function linearizationOf({ linearized }: Configuration): number[] {
  const indexes: number[] = [];
  for (let prefix = linearized; prefix !== undefined; prefix = prefix.previous) {
    indexes.push(prefix.invocation.index);
  }
  return indexes.reverse();
}

function describeCompletion(operation: Operation): string {
  return `${describeOperation(operation)}, value ${describeValue(operation.value)}`;
}
