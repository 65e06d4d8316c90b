import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  casRegister,
  checkLinearizable,
  type CompleteModel,
  register,
} from "../../../lib/check/linearizable/mod.ts";
import type { Configuration } from "../../../lib/check/linearizable/configuration.ts";
import { buildProblem } from "../../../lib/check/linearizable/problem.ts";
import { LinearizationSearch, type SearchMode } from "../../../lib/check/linearizable/search.ts";
import { Transitions } from "../../../lib/check/linearizable/transitions.ts";
import { type History, type Operation, pairOperations } from "../../../lib/history/mod.ts";
import { parseRegisterHistory } from "../../../lib/testing/mod.ts";
import { isLinearizableNaively } from "./order_oracle.ts";
import { registerHistory } from "./register_model.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";

/** Small histories, of which the longer test of the same property takes more. */
const ORACLE_HISTORIES = oracleHistories(10_000);
const MODE_HISTORIES = ORACLE_HISTORIES / 20;

/** Returns a history of a correct register in which the values of a few reads are replaced. */
function randomHistory(seed: number, operations: number): History {
  const random = new Random(seed);
  const values = 2 + seed % 3;
  const crashChance = [0, 0.15, 0.35][seed % 3] as number;
  const history = registerHistory(random, {
    operations,
    clients: 2 + seed % 4,
    values,
    crashChance,
  });
  const reads = history.filter(({ f, type }) => f === "read" && type === "ok");
  for (let count = seed % 4; count > 0 && reads.length > 0; count--) {
    const { index } = random.pick(reads);
    const value = random.chance(0.15) ? null : random.integer(values);
    history[index] = { ...history[index] as Operation, value };
  }
  return history;
}

Deno.test("on small histories, the search agrees with an enumeration of all orders", () => {
  const counts = { true: 0, false: 0, crashed: 0 };
  for (let seed = 0; seed < ORACLE_HISTORIES; seed++) {
    const history = randomHistory(seed, 3 + seed % 5);
    const knossos = isLinearizableNaively(history, "anywhere");
    const strict = isLinearizableNaively(history, "initially");
    assertEquals(checkLinearizable(history, casRegister)["valid?"], knossos, `seed ${seed}`);
    assertEquals(checkLinearizable(history, register)["valid?"], strict, `seed ${seed}`);
    counts[`${strict}`]++;
    if (history.some(({ type, f }) => type === "info" && f !== "read")) counts.crashed++;
  }
  const min = ORACLE_HISTORIES / 5;
  assert(counts.true > min && counts.false > min && counts.crashed > min, JSON.stringify(counts));
});

Deno.test("the full, the pruned and the relaxed search agree, and their orders are correct", () => {
  const counts = { true: 0, false: 0 };
  for (let seed = 0; seed < MODE_HISTORIES; seed++) {
    const history = randomHistory(seed, 8 + seed % 16);
    for (const model of [casRegister, register]) {
      const full = search(history, model, { relaxed: false, pruned: false });
      const pruned = search(history, model, { relaxed: false, pruned: true });
      const relaxed = search(history, model, { relaxed: true, pruned: true });
      assertEquals(pruned === undefined, full === undefined, `seed ${seed}`);
      if (full !== undefined && pruned !== undefined) {
        assert(relaxed !== undefined, `seed ${seed}`);
        assertLinearization(history, model, full);
        assertLinearization(history, model, pruned);
      }
      counts[`${full !== undefined}`]++;
    }
  }
  const min = MODE_HISTORIES / 4;
  assert(counts.true > min && counts.false > min, JSON.stringify(counts));
});

/** Returns the indexes of the invocations in the order that a search found, if it found one. */
function search(
  history: History,
  model: CompleteModel<unknown>,
  mode: SearchMode,
): readonly number[] | undefined {
  const problem = buildProblem(history, model);
  const found = new LinearizationSearch(problem, new Transitions(model, problem.calls), mode);
  const outcome = found.run({
    isTimeUp: () => false,
    maxConfigurations: Infinity,
    maxWork: Infinity,
    impassableResponse: Infinity,
  });
  assert(outcome === "linearizable" || outcome === "not-linearizable");
  for (const configuration of [found.best, ...found.furthest]) {
    assertEquals(orderOf(configuration).length, configuration.linearizedCount);
  }
  return outcome === "not-linearizable" ? undefined : orderOf(found.best);
}

/** Returns the indexes of the linearized invocations in their order. */
function orderOf(configuration: Configuration): readonly number[] {
  const order: number[] = [];
  for (let entry = configuration.linearized; entry !== undefined; entry = entry.previous) {
    order.push(entry.invocation.index);
  }
  return order.reverse();
}

Deno.test("a write that was invoked first may precede a shorter one in every mode", () => {
  const drawing = `
    [w1                     ]
       [w2]  [r2]  [r2]        [r2]`;
  const history = parseRegisterHistory(drawing);
  for (const relaxed of [false, true]) {
    for (const pruned of [false, true]) {
      assert(search(history, register, { relaxed, pruned }) !== undefined);
    }
  }
});

/** Asserts that an order holds all ok operations, respects real time, and that a model accepts it. */
function assertLinearization(
  history: History,
  model: CompleteModel<unknown>,
  order: readonly number[],
): void {
  const pairs = new Map(pairOperations(history).map((pair) => [pair.invocation.index, pair]));
  assertEquals(new Set(order).size, order.length, "an operation occurs twice");
  let state = model.init();
  let lastInvocation = -1;
  for (const index of order) {
    const { invocation, completion } = pairs.get(index) ?? {};
    assert(invocation !== undefined && completion?.type !== "fail");
    const isOk = completion?.type === "ok";
    assert(!isOk || completion.index > lastInvocation, "an operation precedes an earlier one");
    lastInvocation = Math.max(lastInvocation, invocation.index);
    const value = isOk ? completion.value : invocation.value;
    const after = model.step(state, { f: invocation.f, value });
    assert(after !== undefined, "the model does not accept the order");
    state = after;
  }
  for (const [index, { completion }] of pairs) {
    assert(completion?.type !== "ok" || order.includes(index), "an ok operation is missing");
  }
}

Deno.test("a search counts each configuration as work, and stops at the limit of work", () => {
  const history = registerHistory(new Random("work"), {
    operations: 200,
    clients: 12,
    values: 5,
    crashChance: 0,
  });
  const problem = buildProblem(history, casRegister);
  const mode = { relaxed: false, pruned: true };
  const limits = {
    isTimeUp: () => false,
    maxConfigurations: Infinity,
    maxWork: 50,
    impassableResponse: Infinity,
  };
  const transitions = new Transitions<unknown>(casRegister, problem.calls);
  const found = new LinearizationSearch(problem, transitions, mode);
  assertEquals(found.run(limits), "work-limit");
  assert(found.work > 50 && found.visited <= found.work, `${found.work}, ${found.visited}`);
  assertEquals(found.run({ ...limits, maxWork: Infinity }), "linearizable");
});

Deno.test("a limit of work that a search needs exactly does not stop it", () => {
  const problem = buildProblem(parseRegisterHistory("[w1] [w2] [r1]"), register);
  const transitions = new Transitions<unknown>(register, problem.calls);
  const run = (maxWork: number) => {
    const search = new LinearizationSearch(problem, transitions, { relaxed: false, pruned: true });
    const outcome = search.run({
      isTimeUp: () => false,
      maxConfigurations: Infinity,
      maxWork,
      impassableResponse: Infinity,
    });
    return { outcome, work: search.work };
  };
  const { work } = run(Infinity);
  assertEquals(run(work), { outcome: "not-linearizable", work });
  assertEquals(run(work - 1).outcome, "work-limit");
});

Deno.test("of those that pass as many responses, the best has linearized most operations", () => {
  const drawing = `
    [w1] [r9      ]
    [w2                 ]`;
  const problem = buildProblem(parseRegisterHistory(drawing), register);
  const transitions = new Transitions<unknown>(register, problem.calls);
  const search = new LinearizationSearch(problem, transitions, { relaxed: false, pruned: false });
  const outcome = search.run({
    isTimeUp: () => false,
    maxConfigurations: Infinity,
    maxWork: Infinity,
    impassableResponse: Infinity,
  });
  assertEquals([outcome, search.best.nextResponse], ["not-linearizable", 1]);
  assertEquals(search.best.linearizedCount, 2);
});
