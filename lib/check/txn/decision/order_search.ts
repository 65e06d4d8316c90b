/**
 * The search for an order that solves an {@link OrderProblem}: saturation, then a choice, then
 * saturation again, and so on, as a solver of satisfiability does with unit clauses.
 *
 * @module
 */

import type { StepBudget } from "../cycle_search.ts";
import { StepBudgetExhausted } from "../cycle_search.ts";
import type { OrderProblem } from "./order_problem.ts";
import { reachability, type Reaches, sortTopologically } from "./reachability.ts";

/** Whether a problem has a solution, as far as a search found out. */
export type Solvability = "solvable" | "unsolvable" | "undecided";

/**
 * Returns whether an order exists. A problem whose edges form a cycle, or whose choices force one, is
 * unsolvable. If that does not decide it, the search tries choices until the budget is used up.
 */
export function solve(problem: OrderProblem, budget: StepBudget): Solvability {
  const { size, edges, choices, implications } = problem;
  if (choices.length + implications.length === 0) {
    return sortTopologically(size, edges) === undefined ? "unsolvable" : "solvable";
  }
  const search = new OrderSearch(problem, budget);
  try {
    return search.hasSolution() ? "solvable" : "unsolvable";
  } catch (error) {
    if (!(error instanceof StepBudgetExhausted)) throw error;
    return "undecided";
  }
}

class OrderSearch {
  readonly #problem: OrderProblem;
  readonly #budget: StepBudget;
  readonly #edges: number[];

  constructor(problem: OrderProblem, budget: StepBudget) {
    this.#problem = problem;
    this.#budget = budget;
    this.#edges = [...problem.edges];
  }

  /** Whether an order contains the edges so far and solves the problem. */
  hasSolution(): boolean {
    const reaches = this.#saturate();
    if (reaches === undefined) return false;
    const open = this.#openChoice(reaches);
    if (open < 0) return true;
    const [a, b, c, d] = this.#choice(open);
    const count = this.#edges.length;
    // Transactions are numbered in the order of their completions, which the order often follows.
    const first = [a, b] as const;
    const second = [c, d] as const;
    const options = a < b ? [first, second] : [second, first];
    return options.some(([from, to]) => {
      this.#edges.length = count;
      this.#edges.push(from, to);
      return this.hasSolution();
    });
  }

  /** Adds the edges that the choices and implications force; undefined if they form a cycle. */
  #saturate(): Reaches | undefined {
    const { size, choices, implications } = this.#problem;
    while (true) {
      this.#budget.remaining -= 1 + this.#edges.length * ((size + 31) >>> 5);
      if (this.#budget.remaining < 0) throw new StepBudgetExhausted("no steps left in the budget");
      const reaches = reachability(size, this.#edges);
      if (reaches === undefined) return undefined;
      const count = this.#edges.length;
      for (let choice = 0; choice < choices.length; choice += 4) {
        const [a, b, c, d] = this.#choice(choice);
        if (reaches(a, b) || reaches(c, d)) continue;
        if (reaches(b, a)) this.#edges.push(c, d);
        else if (reaches(d, c)) this.#edges.push(a, b);
      }
      for (let at = 0; at < implications.length; at += 4) {
        const from = implications[at + 2] as number;
        const to = implications[at + 3] as number;
        if (!reaches(implications[at] as number, implications[at + 1] as number)) continue;
        if (!reaches(from, to)) this.#edges.push(from, to);
      }
      if (this.#edges.length === count) return reaches;
    }
  }

  #openChoice(reaches: Reaches): number {
    const { choices } = this.#problem;
    for (let choice = 0; choice < choices.length; choice += 4) {
      const [a, b, c, d] = this.#choice(choice);
      if (!reaches(a, b) && !reaches(c, d)) return choice;
    }
    return -1;
  }

  #choice(at: number): readonly [number, number, number, number] {
    const { choices } = this.#problem;
    return [
      choices[at] as number,
      choices[at + 1] as number,
      choices[at + 2] as number,
      choices[at + 3] as number,
    ];
  }
}
