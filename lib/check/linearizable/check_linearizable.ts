/**
 * Checks whether the history of one object is linearizable.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import type { Verdict } from "../verdict.ts";
import { Decider, type DecisionLimits } from "./decision.ts";
import { type CompleteModel, completeModel, type Model } from "./model.ts";
import { buildProblem, type Problem } from "./problem.ts";
import { Report } from "./report.ts";
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
 *
 * @example A queue, with a model of three members
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { checkLinearizable, type Model } from "@gossip/workbench/check";
 * import { parseHistory } from "@gossip/workbench/testing";
 *
 * const queue: Model<readonly unknown[]> = {
 *   init: () => [],
 *   step(items, { f, value }) {
 *     if (f === "push") return [...items, value];
 *     return items[0] === value ? items.slice(1) : undefined;
 *   },
 *   equal: (one, other) => one.join() === other.join(),
 * };
 *
 * const lifo = parseHistory("0 push 1; 0 ok; 0 push 2; 0 ok; 0 pop; 0 ok 2");
 * equal(checkLinearizable(lifo, queue)["valid?"], false);
 * ```
 */
export function checkLinearizable<State>(
  history: History,
  model: Model<State>,
  options: LinearizableOptions = {},
): Verdict {
  const check = new LinearizabilityCheck(history, model);
  const { now, timeLimitMs = DEFAULT_TIME_LIMIT_MS } = options;
  const deadlineMs = now === undefined ? Infinity : now() + timeLimitMs;
  const limits = limitsUntil(deadlineMs, options);
  check.attempt(limits);
  check.finish(limits);
  return check.verdict();
}

/** Returns the limits of a search that ends at a time of the options' clock. */
export function limitsUntil(
  deadlineMs: number,
  { now, maxConfigurations = DEFAULT_MAX_CONFIGURATIONS }: LinearizableOptions,
): DecisionLimits {
  return { isTimeUp: () => now !== undefined && now() >= deadlineMs, maxConfigurations };
}

/** A check of one object that can be interrupted and continued. */
export class LinearizabilityCheck<State> {
  readonly #history: History;
  readonly #model: CompleteModel<State>;
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  readonly #decider: Decider<State>;

  constructor(history: History, model: Model<State>) {
    this.#history = history;
    this.#model = completeModel(model);
    this.#problem = buildProblem(history, this.#model);
    this.#transitions = new Transitions(this.#model, this.#problem.calls);
    this.#decider = new Decider(this.#problem, this.#transitions);
  }

  /** See {@link Decider.attempt}. */
  attempt(limits: DecisionLimits): void {
    this.#decider.attempt(limits);
  }

  /** See {@link Decider.finish}. */
  finish(limits: DecisionLimits): void {
    this.#decider.finish(limits);
  }

  /** The verdict so far; `unknown` if a limit was reached. */
  verdict(): Verdict {
    const { decision } = this.#decider;
    const report = new Report(
      this.#history,
      this.#model,
      this.#problem,
      this.#transitions,
      decision,
    );
    if (decision.outcome === "linearizable") return report.valid();
    return decision.outcome === "not-linearizable"
      ? report.invalid()
      : report.unknown(decision.outcome);
  }
}
