/**
 * Reports a decision on the linearizability of one object's history: a verdict with Knossos' keys,
 * and an explanation.
 *
 * @module
 */

import type { History, Operation } from "../../history/mod.ts";
import { capitalise, describeOperation, describeValue } from "../explanation.ts";
import type { Verdict } from "../verdict.ts";
import { type Configuration, hasSlot } from "./configuration.ts";
import type { Decision } from "./decision.ts";
import type { Call, CompleteModel } from "./model.ts";
import type { OkOperation, Problem, Response } from "./problem.ts";
import type { Transitions } from "./transitions.ts";

/** The report on a decision. */
export class Report<State> {
  readonly #history: History;
  readonly #model: CompleteModel<State>;
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  readonly #decision: Decision;

  constructor(
    history: History,
    model: CompleteModel<State>,
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
    const isComplete = best.nextResponse === this.#problem.responses.length;
    const configs = isComplete ? [this.#configuration(best)] : [];
    return { "valid?": true, configs, "final-paths": [], visited };
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
    if (this.#decision.blockingResponse === this.#problem.unreachableResponse) {
      return `${claim}: ` + unreachable(blocking.completion, this.#problem.calls);
    }
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
    const pending = (next === undefined ? [] : this.#pendingAt(configuration.nextResponse))
      .filter(({ slot }) => !hasSlot(configuration.linearizedSlots, slot))
      .map(({ invocation, completion }) => ({ ...invocation, value: completion.value }));
    return {
      model: this.#model.describeState(this.#transitions.state(configuration.state)),
      "last-op": this.#lastLinearized(configuration),
      pending,
    };
  }

  /** The ok operations invoked before a response and not completed before it. */
  #pendingAt(response: number): OkOperation[] {
    const { operations, responses } = this.#problem;
    const completed = new Set(responses.slice(0, response).map(({ completed }) => completed));
    return operations.slice(0, responses[response]?.invokedBefore)
      .filter((operation) => !completed.has(operation));
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

/** Explains that no earlier operation yields a call's state; names a value of another type. */
function unreachable({ f, value }: Operation, calls: readonly Call[]): string {
  const needed = f === "cas" && Array.isArray(value) ? value[0] : value;
  const similar = calls.flatMap((call) => call.f === "cas" ? call.value : [call.value])
    .find((other) => String(other) === String(needed) && typeof other !== typeof needed);
  return `no operation invoked before it yields ${describeValue(needed)}` +
    (similar === undefined ? "" : ` (${typeof needed}; ${describeValue(similar)} is a ` +
      `${typeof similar})`);
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
