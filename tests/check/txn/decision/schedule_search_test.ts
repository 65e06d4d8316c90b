import { assert, assertEquals } from "std/testing";
import { Random } from "../../../../lib/base/mod.ts";
import type { ExternalHistory } from "../../../../lib/check/txn/decision/external_history.ts";
import { isolationLevels } from "../../../../lib/check/txn/decision/isolation_level.ts";
import { registerHistory } from "../../../../lib/check/txn/decision/observed_versions.ts";
import { orderProblem } from "../../../../lib/check/txn/decision/order_problem.ts";
import { solve } from "../../../../lib/check/txn/decision/order_search.ts";
import { hasSchedule } from "../../../../lib/check/txn/decision/schedule_search.ts";
import {
  type ScheduleRules,
  ScheduleState,
} from "../../../../lib/check/txn/decision/schedule_state.ts";
import { RegisterVersions } from "../../../../lib/check/txn/register_versions.ts";
import { collectTransactions } from "../../../../lib/check/txn/transactions.ts";
import type { History } from "../../../../lib/history/mod.ts";
import { generateHistory, rwRegisterModel } from "../../../../lib/testing/mod.ts";
import { smallHistory } from "../isolation_comparison.ts";

function registers(history: History): ExternalHistory {
  const transactions = collectTransactions(history, "w");
  return registerHistory(transactions, new RegisterVersions(transactions));
}

const small = Array.from(
  { length: 400 },
  (_, run) => registers(smallHistory(new Random(`w ${run}`), "w")),
);

const long = Array.from(
  { length: 4 },
  (_, seed) =>
    registers(generateHistory(new Random(seed), rwRegisterModel(), {
      operations: 400,
      processes: 8,
      infoChance: seed % 2 * 0.03,
      failChance: 0.02,
    })),
);

/** Returns whether a schedule is found, and the steps that it takes. */
function search(history: ExternalHistory, rules: ScheduleRules, maxSteps: number) {
  const budget = { remaining: maxSteps };
  const found = hasSchedule(history, rules, budget);
  return { found, steps: maxSteps - budget.remaining };
}

function holds(history: ExternalHistory, rules: ScheduleRules): boolean {
  const level = isolationLevels.find(({ rule, time }) =>
    rule === rules.rule && time === rules.time
  );
  assert(level !== undefined);
  const problem = orderProblem({ history, members: history.members }, level);
  return solve(problem, { remaining: 10_000_000 }) === "solvable";
}

/** Upper bounds: schedules missed and steps in all small histories, steps in all long ones. */
const bounds: readonly (readonly [ScheduleRules, missed: number, small: number, long: number])[] = [
  [{ rule: "serial", time: "none" }, 0, 1950, 4600],
  [{ rule: "serial", time: "process" }, 0, 1580, 4600],
  [{ rule: "serial", time: "realtime" }, 0, 1380, 4200],
  [{ rule: "snapshot", time: "none" }, 14, 3900, 14_500],
  [{ rule: "snapshot", time: "process" }, 6, 3200, 14_900],
  [{ rule: "snapshot", time: "realtime" }, 0, 2820, 11_700],
  [{ rule: "prefix", time: "none" }, 0, 4200, 10_700],
];

for (const [rules, maxMissed, maxSmallSteps, maxLongSteps] of bounds) {
  const name = `${rules.rule}, ${rules.time}`;
  Deno.test(`a schedule (${name}) is found exactly if there is one, in few steps`, () => {
    let [missed, total] = [0, 0];
    for (const history of small) {
      const { found, steps } = search(history, rules, 10_000);
      const isValid = holds(history, rules);
      assert(isValid || !found);
      if (isValid && !found) missed++;
      total += steps;
    }
    assert(missed <= maxMissed && total <= maxSmallSteps, `${missed} missed, ${total} steps`);
  });

  Deno.test(`the steps of a schedule (${name}) grow with the history's length`, () => {
    const searches = long.map((history) => search(history, rules, 100_000));
    assertEquals(searches.map(({ found }) => found), long.map(() => true));
    const total = searches.reduce((sum, { steps }) => sum + steps, 0);
    assert(total <= maxLongSteps, `${total} steps`);
  });
}

Deno.test("a search for a schedule ends when its budget is used up", () => {
  const [history] = long as [ExternalHistory];
  const rules = { rule: "serial", time: "realtime" } as const;
  const { steps } = search(history, rules, 100_000);
  assertEquals([search(history, rules, steps).found, search(history, rules, steps - 1).found], [
    true,
    false,
  ]);
});

Deno.test("each of many sets of two steps has a hash of its own", () => {
  const [history] = long as [ExternalHistory];
  const state = new ScheduleState(history, { rule: "snapshot", time: "none" });
  const count = state.stepCount;
  const hashes = new Set<number>();
  let sets = 0;
  for (let first = 0; first < count; first++) {
    state.take(first);
    for (let second = first + 1; second < count; second++) {
      state.take(second);
      hashes.add(state.hash);
      sets++;
      state.undo(second);
    }
    state.undo(first);
  }
  assertEquals(hashes.size, sets);
  assert(sets > 250_000 && [...hashes].every(Number.isSafeInteger), `${sets} sets`);
});
