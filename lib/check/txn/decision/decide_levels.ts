/**
 * The decision of isolation levels: first a proof that a history satisfies the strongest of them,
 * then, level by level, a proof that it does not.
 *
 * @module
 */

import { decideCausally } from "./causal_clocks.ts";
import type { ExternalHistory } from "./external_history.ts";
import { implies, isLinear, type IsolationLevel } from "./isolation_level.ts";
import { minimise } from "./minimise.ts";
import { orderProblem } from "./order_problem.ts";
import { type Solvability, solve } from "./order_search.ts";
import { hasSchedule } from "./schedule_search.ts";
import type { ScheduleRules } from "./schedule_state.ts";

/** A level that a history violates, or of which it is unknown whether the history satisfies it. */
export interface LevelDecision {
  readonly level: IsolationLevel;
  /** The transactions that violate the level by themselves; undefined if it is undecided. */
  readonly violatedBy: readonly number[] | undefined;
}

/** Budgets of a decision, in steps; they grow with the history where it says so. */
export interface DecisionLimits {
  /** The number of transactions up to which all orders are tried. */
  readonly maxTransactions: number;
  /** The steps of the search for an order, a step being an edge of 32 vertices. */
  readonly maxSearchSteps: number;
  /** The number of transactions up to which a decision goes without a search for a schedule. */
  readonly maxUnscheduled: number;
  /** The steps of the search for a schedule, for each transaction. */
  readonly maxScheduleSteps: number;
  /** The sizes of the excerpts that a long history is searched in for a violation. */
  readonly excerptSizes: readonly number[];
}

export const defaultLimits: DecisionLimits = {
  maxTransactions: 1000,
  maxSearchSteps: 30_000_000,
  maxUnscheduled: 30,
  maxScheduleSteps: 40,
  excerptSizes: [100, 1000],
};

/** The number of transactions in all excerpts that the search for a shorter violation examines. */
const MAX_MINIMISED = 1_000_000;

/** The steps of the first search for a schedule, for each transaction: few need more. */
const MAX_QUICK_STEPS = 8;

/** Decides levels of a history. Returns the weakest violated ones and the undecided ones. */
export function decideLevels(
  history: ExternalHistory,
  levels: readonly IsolationLevel[],
  limits: DecisionLimits = defaultLimits,
): LevelDecision[] {
  let open = withoutProved(history, levels, limits);
  const decisions: LevelDecision[] = [];
  while (open.length > 0) {
    const level = open[0] as IsolationLevel;
    const decision = decideLevel(history, level, limits);
    if (decision !== undefined) decisions.push(decision);
    const isViolated = decision?.violatedBy !== undefined;
    open = open.slice(1).filter((other) => !isViolated || !implies(other, level));
  }
  return decisions;
}

/**
 * Returns whether a quick search finds an order of all transactions which keeps the order in real
 * time and explains all reads. Then the history satisfies every level.
 */
export function isSerial(history: ExternalHistory): boolean {
  const budget = { remaining: 1000 + history.members.length * MAX_QUICK_STEPS };
  return hasSchedule(history, { rule: "serial", time: "realtime" }, budget);
}

/** The schedules that prove levels, the strongest first. */
const schedules: readonly ScheduleRules[] = [
  { rule: "serial", time: "realtime" },
  { rule: "serial", time: "process" },
  { rule: "serial", time: "none" },
  { rule: "snapshot", time: "realtime" },
  { rule: "snapshot", time: "process" },
  { rule: "snapshot", time: "none" },
  { rule: "prefix", time: "none" },
];

/** Returns the levels that no schedule proves. */
function withoutProved(
  history: ExternalHistory,
  levels: readonly IsolationLevel[],
  { maxTransactions, maxUnscheduled, maxScheduleSteps }: DecisionLimits,
): readonly IsolationLevel[] {
  const { length } = history.members;
  let open = levels;
  // A schedule does not keep a known order of writes.
  if (length <= maxUnscheduled || history.knownOrder.count > 0) return open;
  // A violation of a linear level is always found; one of `causal`, in a history that is not long.
  const needsProof = (level: IsolationLevel) =>
    !isLinear(level) && (level.rule !== "causal" || length > maxTransactions);
  for (const rules of schedules) {
    if (!open.some((level) => implies(rules, level) && needsProof(level))) continue;
    const budget = { remaining: 1000 + length * maxScheduleSteps };
    if (hasSchedule(history, rules, budget)) {
      open = open.filter((level) => !implies(rules, level));
    }
  }
  return open;
}

function decideLevel(
  history: ExternalHistory,
  level: IsolationLevel,
  limits: DecisionLimits,
): LevelDecision | undefined {
  const { members } = history;
  const outcomeOf = (excerpt: readonly number[], maxSteps: number): Solvability =>
    solve(orderProblem({ history, members: excerpt }, level), { remaining: maxSteps });
  const isViolatedBy = (excerpt: readonly number[]) =>
    outcomeOf(excerpt, limits.maxSearchSteps / 10) === "unsolvable";
  const violated = (excerpt: readonly number[]): LevelDecision => ({
    level,
    violatedBy: minimise(excerpt, isViolatedBy, MAX_MINIMISED),
  });
  let outcome: Solvability = "undecided";
  if (isLinear(level) || members.length <= limits.maxTransactions) {
    outcome = outcomeOf(members, limits.maxSearchSteps);
  } else if (level.rule === "causal") {
    outcome = decideCausally(history);
    // A violation of the order of a process does not violate the level without that order.
    if (outcome === "unsolvable" && level.time === "none") outcome = "undecided";
  }
  if (outcome === "solvable") return undefined;
  const excerpt = excerpts(members, limits.excerptSizes).find(isViolatedBy);
  if (excerpt !== undefined) return violated(excerpt);
  return outcome === "unsolvable" ? violated(members) : { level, violatedBy: undefined };
}

/** Yields overlapping parts of a long history, the short ones first. */
function* excerpts(
  members: readonly number[],
  sizes: readonly number[],
): Generator<readonly number[]> {
  for (const size of sizes) {
    if (size >= members.length) return;
    for (let at = 0; at + size / 2 < members.length; at += size / 2) {
      yield members.slice(at, at + size);
    }
  }
}
