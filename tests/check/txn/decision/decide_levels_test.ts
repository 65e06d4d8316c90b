import { assert, assertEquals } from "std/testing";
import { Random } from "../../../../lib/base/mod.ts";
import { decideCausally } from "../../../../lib/check/txn/decision/causal_clocks.ts";
import {
  decideLevels,
  defaultLimits,
  isSerial,
} from "../../../../lib/check/txn/decision/decide_levels.ts";
import type { ExternalHistory } from "../../../../lib/check/txn/decision/external_history.ts";
import { implies, isolationLevels } from "../../../../lib/check/txn/decision/isolation_level.ts";
import { minimise } from "../../../../lib/check/txn/decision/minimise.ts";
import {
  listHistory,
  registerHistory,
} from "../../../../lib/check/txn/decision/observed_versions.ts";
import { orderProblem } from "../../../../lib/check/txn/decision/order_problem.ts";
import { solve } from "../../../../lib/check/txn/decision/order_search.ts";
import { ListElements } from "../../../../lib/check/txn/list_elements.ts";
import { inferListVersions } from "../../../../lib/check/txn/list_versions.ts";
import { RegisterVersions } from "../../../../lib/check/txn/register_versions.ts";
import { collectTransactions } from "../../../../lib/check/txn/transactions.ts";
import type { History, Operation } from "../../../../lib/history/mod.ts";
import {
  generateHistory,
  parseTransactions,
  rwRegisterModel,
} from "../../../../lib/testing/mod.ts";
import { smallHistory } from "../isolation_comparison.ts";

const RUNS = 800;

function registers(history: History): ExternalHistory {
  const transactions = collectTransactions(history, "w");
  return registerHistory(transactions, new RegisterVersions(transactions));
}

function lists(history: History): ExternalHistory {
  const transactions = collectTransactions(history, "append");
  const elements = new ListElements(transactions);
  return listHistory(transactions, elements, inferListVersions(transactions, elements));
}

const histories = [
  ...Array.from({ length: RUNS }, (_, run) => registers(smallHistory(new Random(`w ${run}`), "w"))),
  ...Array.from(
    { length: RUNS },
    (_, run) => lists(smallHistory(new Random(`append ${run}`), "append")),
  ),
];

/** The exact decisions, which the tests of the oracle compare with a brute-force search. */
function isSatisfied(history: ExternalHistory, { rule, time }: (typeof isolationLevels)[number]) {
  const level = isolationLevels.find((other) => other.rule === rule && other.time === time);
  if (level === undefined) throw new Error(`no level ${rule} ${time}`);
  const problem = orderProblem({ history, members: history.members }, level);
  return solve(problem, { remaining: 10_000_000 }) === "solvable";
}

Deno.test("vector clocks never contradict the exact decision, and mostly decide", () => {
  const level = isolationLevels.find(({ rule, time }) => rule === "causal" && time === "process");
  assert(level !== undefined);
  const counts = { solvable: 0, unsolvable: 0, undecided: 0 };
  for (const history of histories) {
    const outcome = decideCausally(history);
    counts[outcome]++;
    if (outcome !== "undecided") {
      assertEquals(outcome === "solvable", isSatisfied(history, level));
    }
  }
  assert(counts.solvable > RUNS / 2 && counts.unsolvable > RUNS / 4, JSON.stringify(counts));
  assert(counts.undecided < RUNS / 2, JSON.stringify(counts));
});

Deno.test("a decision in excerpts and schedules never contradicts the exact one", () => {
  const limits = {
    ...defaultLimits,
    maxTransactions: 0,
    maxUnscheduled: 0,
    excerptSizes: [2],
  };
  const counts = { violated: 0, undecided: 0, held: 0 };
  const causal = { held: 0, undecided: 0 };
  for (const history of histories) {
    for (const level of isolationLevels) {
      const [decision] = decideLevels(history, [level], limits);
      const isSolved = isSatisfied(history, level);
      if (decision === undefined) counts.held++;
      else counts[decision.violatedBy === undefined ? "undecided" : "violated"]++;
      if (level.rule === "causal" && isSolved) causal[decision ? "undecided" : "held"]++;
      if (decision === undefined) assert(isSolved, level.anomaly);
      else if (decision.violatedBy !== undefined) assert(!isSolved, level.anomaly);
    }
  }
  assert(counts.held > counts.violated && counts.violated > counts.undecided / 2);
  assert(causal.undecided * 20 < causal.held, JSON.stringify(causal));
});

Deno.test("an exact decision reports the weakest level, with transactions that violate it", () => {
  let violations = 0;
  for (const history of histories) {
    for (const { level, violatedBy } of decideLevels(history, isolationLevels)) {
      assert(violatedBy !== undefined);
      violations++;
      for (const left of violatedBy) {
        const rest = violatedBy.filter((other) => other !== left);
        const problem = orderProblem({ history, members: rest }, level);
        assertEquals(solve(problem, { remaining: 1_000_000 }), "solvable");
      }
      const problem = orderProblem({ history, members: violatedBy }, level);
      assertEquals(solve(problem, { remaining: 1_000_000 }), "unsolvable");
    }
  }
  assert(violations > RUNS / 10);
});

Deno.test("a decision reports each level that is violated and implies no other violated one", () => {
  for (const history of histories.slice(0, RUNS / 8)) {
    const violated = isolationLevels.filter((level) => !isSatisfied(history, level));
    const weakest = violated.filter((level) =>
      !violated.some((other) => other !== level && implies(level, other))
    );
    const decisions = decideLevels(history, isolationLevels);
    assertEquals(
      decisions.map(({ level }) => level.anomaly),
      weakest.map(({ anomaly }) => anomaly),
    );
  }
});

Deno.test("schedules prove the levels of a long history, and of no history that violates them", () => {
  const limits = { ...defaultLimits, maxTransactions: 0, excerptSizes: [] };
  const valid = generateHistory(new Random(1), rwRegisterModel(), {
    operations: 400,
    processes: 8,
  });
  assertEquals(isSerial(registers(valid)), true);
  assertEquals(decideLevels(registers(valid), isolationLevels, limits), []);
  const quick = { ...defaultLimits, maxSearchSteps: 1 };
  assertEquals(decideLevels(registers(valid), isolationLevels, quick), []);
  const reads = valid.filter(({ type, value }) =>
    type === "ok" && JSON.stringify(value).startsWith('[["r",')
  );
  const { index, value } = reads[300 % reads.length] as Operation;
  const [, ...rest] = value as unknown[][];
  const stale = valid.with(index, {
    ...valid[index] as Operation,
    value: [["r", (value as unknown[][])[0]?.[1], null], ...rest],
  });
  assertEquals(isSerial(registers(stale)), false);
  const decisions = decideLevels(registers(stale), isolationLevels, limits);
  const undecided = decisions.filter(({ violatedBy }) => violatedBy === undefined);
  assertEquals(undecided.at(-1)?.level.anomaly, "no-serial-order");
});

Deno.test("a transaction may write a key twice", () => {
  const history = registers(parseTransactions("wx1 wx2 | ry_ wx3 wx4 wy1 ; rx4 ry1", "w"));
  assertEquals(decideLevels(history, isolationLevels), []);
  const lost = registers(parseTransactions("rx_ wx1 wx2 | rx_ wx3 wx4 ; rx4", "w"));
  const decided = decideLevels(lost, isolationLevels).map(({ level }) => level.rule);
  assertEquals(decided.includes("parallel"), true);
});

Deno.test("levels that need no search are decided in a history of any length", () => {
  const limits = { ...defaultLimits, maxTransactions: 0, maxUnscheduled: 0, excerptSizes: [] };
  for (
    const [text, rule] of [
      ["wx1 ry1 | wy1 rx1", "acyclic"],
      ["wx1 wy1 | rx1 ry_", "monotonic"],
      ["wx1 wy1 | rx_ ry1", "atomic"],
    ] as const
  ) {
    const linear = isolationLevels.filter((level) => level.rule === rule && level.time === "none");
    const [found] = decideLevels(registers(parseTransactions(text, "w")), linear, limits);
    assertEquals(found?.violatedBy, [0, 1], text);
  }
});

Deno.test("a violation in a long history is found in an excerpt, in any part of it", () => {
  const skew = "wx1 wy1 ; rx1 wy2 | ry1 wx2";
  const others = Array.from({ length: 12 }, (_, value) => `wz${value + 3}`);
  const limits = { ...defaultLimits, maxTransactions: 5, excerptSizes: [4, 8] };
  const serial = isolationLevels.filter(({ rule, time }) => rule === "serial" && time === "none");
  for (const at of [0, 1, 5, 11, 12]) {
    const text = [...others.slice(0, at), skew, ...others.slice(at)].join(" ; ");
    const [found] = decideLevels(registers(parseTransactions(text, "w")), serial, limits);
    assertEquals(found?.violatedBy, [at, at + 1, at + 2]);
  }
});

Deno.test("a search that uses up its budget is undecided", () => {
  const history = registers(parseTransactions("wx1 wy1 ; rx1 wy2 | ry1 wx2", "w"));
  const level = isolationLevels.filter(({ rule, time }) => rule === "serial" && time === "none");
  const decisions = decideLevels(history, level, { ...defaultLimits, maxSearchSteps: 1 });
  assertEquals(decisions.map(({ violatedBy }) => violatedBy), [undefined]);
});

Deno.test("isSerial accepts a serial order in real time and rejects a stale read", () => {
  assertEquals(isSerial(registers(parseTransactions("wx1 ; wx2 | rx1 ; rx2", "w"))), true);
  assertEquals(isSerial(registers(parseTransactions("wx1 ; wx2 ; rx1", "w"))), false);
});

Deno.test("minimise keeps what a violation needs", () => {
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  const needs = (part: readonly number[]) => [3, 50, 97].every((one) => part.includes(one));
  assertEquals(minimise(numbers, needs, 100_000), [3, 50, 97]);
  assertEquals(minimise(numbers, needs, 0), numbers);
  assertEquals(minimise([3, 4], (part) => part.includes(3), 1), [3, 4]);
  assertEquals(minimise([3, 4], (part) => part.includes(3), 2), [3]);
  assertEquals(minimise([7], () => true, 100), []);
});
