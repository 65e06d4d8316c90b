/**
 * Judges whether the history of one object is linearizable, and says where it stops being so.
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

/** What a check may spend. The problem is NP-complete: without bounds, a check may never end. */
export interface LinearizableOptions {
  /** A clock in milliseconds; without one, time is not limited. */
  readonly now?: () => number;
  /** How long to search, in ms of that clock. Default: 60,000. */
  readonly timeLimitMs?: number;
  /** How many configurations to remember, some 200 bytes each. Default: 2,000,000. */
  readonly maxConfigurations?: number;
}

const DEFAULT_TIME_LIMIT_MS = 60_000;
const DEFAULT_MAX_CONFIGURATIONS = 2_000_000;

/**
 * Judges a history of operations on one object. Operations that failed did not happen; those that
 * ended `info` may have, at any time after their invocation, or not.
 *
 * The verdict has Knossos' keys. Invalid: `op` is the operation that cannot be placed,
 * `previous-ok` the last one answered before it, `last-op` the last of the longest partial
 * linearization, `configs` and `final-paths` the states it finds (the first ten). Ours beside them:
 * `linearization`, the longest partial one, as the indexes of its invocations, and `message`, a
 * sentence. Unknown, when a limit was met: `cause` says which. `visited` is the number of
 * configurations.
 */
export function checkLinearizable<State>(
  history: History,
  model: Model<State>,
  options: LinearizableOptions = {},
): Verdict {
  const problem = buildProblem(history, model);
  const transitions = new Transitions(model, problem.calls);
  const { now, timeLimitMs: timeLimit_ms = DEFAULT_TIME_LIMIT_MS } = options;
  const deadline = now === undefined ? Infinity : now() + timeLimit_ms;
  const decision = decide(problem, transitions, {
    isTimeUp: () => now !== undefined && now() >= deadline,
    maxConfigurations: options.maxConfigurations ?? DEFAULT_MAX_CONFIGURATIONS,
  });
  const report = new Report(history, model, problem, transitions, decision);
  if (decision.outcome === "linearizable") return report.valid();
  return decision.outcome === "stuck" ? report.invalid() : report.unknown(decision.outcome);
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
    const stuck = this.#blockingOperation();
    return {
      "valid?": false,
      op: stuck.completion,
      "previous-ok": this.#previousOk(stuck.completion),
      "last-op": this.#lastLinearized(best),
      configs: furthest.map((configuration) => this.#configuration(configuration)),
      "final-paths": furthest.map((configuration) => this.#finalPath(configuration, stuck)),
      linearization: linearizationOf(best),
      message: this.#sentence(best, stuck),
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
      message: `The search met its ${cause} after ${visited} configurations; it had got to ` +
        describeCompletion(completion),
      visited,
    };
  }

  #blockingOperation(): OkOperation {
    return (this.#problem.responses[this.#decision.blockingResponse] as Response).completed;
  }

  #sentence(best: Configuration, stuck: OkOperation): string {
    const claim = `${capitalise(describeCompletion(stuck.completion))} cannot be placed`;
    if (best.nextResponse !== this.#decision.blockingResponse) {
      return `${claim}, even if operations of unknown outcome could happen any number of times`;
    }
    const last = this.#lastLinearized(best);
    const before = last === undefined
      ? "before everything else"
      : `after the longest partial linearization, which ends with ${describeCompletion(last)}`;
    return `${claim}: ${before}, ` +
      this.#model.inconsistency(this.#transitions.state(best.state), stuck.completion);
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

  /** The last operation placed: its completion, or the invocation of one that crashed. */
  #lastLinearized({ linearized: placed }: Configuration): Operation | undefined {
    const invocation = placed?.invocation;
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

function linearizationOf({ linearized: placed }: Configuration): number[] {
  const indexes: number[] = [];
  for (let place = placed; place !== undefined; place = place.previous) {
    indexes.push(place.invocation.index);
  }
  return indexes.reverse();
}

function describeCompletion(operation: Operation): string {
  return `${describeOperation(operation)}, value ${describeValue(operation.value)}`;
}
