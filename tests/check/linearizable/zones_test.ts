import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  casRegister,
  checkLinearizable,
  type CompleteModel,
  register,
} from "../../../lib/check/linearizable/mod.ts";
import { buildProblem } from "../../../lib/check/linearizable/problem.ts";
import { firstImpassableResponse } from "../../../lib/check/linearizable/zones.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import { parseRegisterHistory } from "../../../lib/testing/mod.ts";
import { isLinearizableNaively } from "./order_oracle.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";

/** Returns a history of writes of different values and of reads of any of them, or of null. */
function uniqueWrites(seed: number, operations: number): History {
  const random = new Random(seed);
  const history: Operation[] = [];
  const open = new Map<number, Omit<Operation, "index" | "time" | "type">>();
  let [nextProcess, written] = [0, 0];
  const record = (type: Operation["type"], operation: Omit<Operation, "index" | "time" | "type">) =>
    history.push({ index: history.length, time: history.length, type, ...operation });
  while (nextProcess < operations || open.size > 0) {
    const canInvoke = nextProcess < operations && open.size < 2 + seed % 3;
    if (canInvoke && (open.size === 0 || random.chance(0.5))) {
      const process = nextProcess++;
      const operation = random.chance(0.5)
        ? { process, f: "write", value: ++written }
        : { process, f: "read", value: null };
      record("invoke", operation);
      open.set(process, operation);
      continue;
    }
    const [process, operation] = random.pick([...open]);
    open.delete(process);
    if (operation.f === "write") {
      record(random.chance(0.25) ? "info" : "ok", operation);
    } else {
      const value = Math.max(0, written - random.integer(4)) || null;
      record("ok", { ...operation, value });
    }
  }
  return history;
}

/** Returns the part of a history before its response of a number. */
function before(history: History, response: number): History {
  const responses = history.filter(({ type }) => type === "ok");
  return history.slice(0, responses[response]?.index ?? history.length);
}

Deno.test("on random histories of unique writes, zones agree with an enumeration of all orders", () => {
  const counts = { linearizable: 0, impassable: 0, crashed: 0 };
  for (let seed = 0; seed < oracleHistories(3000); seed++) {
    const history = uniqueWrites(seed, 3 + seed % 5);
    const response = firstImpassableResponse(buildProblem(history, register));
    assert(response !== undefined, `seed ${seed}`);
    const isLinearizable = isLinearizableNaively(history, "initially");
    assertEquals(response === Infinity, isLinearizable, `seed ${seed}`);
    if (history.some(({ type }) => type === "info")) counts.crashed++;
    if (isLinearizable) {
      counts.linearizable++;
      continue;
    }
    counts.impassable++;
    const prefix = before(history, response);
    assertEquals(isLinearizableNaively(prefix, "initially"), true, `seed ${seed}: too early`);
    const longer = before(history, response + 1);
    assertEquals(isLinearizableNaively(longer, "initially"), false, `seed ${seed}: too late`);
  }
  assert(Math.min(...Object.values(counts)) > 500, JSON.stringify(counts));
});

Deno.test("the first response is impassable if its value is written later, the second after a write", () => {
  const first = (drawing: string) =>
    firstImpassableResponse(buildProblem(parseRegisterHistory(drawing), register));
  assertEquals([first("[r1] [w1]"), first("[w1] [r-] [r1]"), first("[w1] [r1]")], [0, 1, Infinity]);
});

Deno.test("zones do not apply to values written twice, the initial one, or compare-and-set", () => {
  const applies = (drawing: string, model: CompleteModel<unknown> = register) =>
    firstImpassableResponse(buildProblem(parseRegisterHistory(drawing), model)) !== undefined;
  assertEquals(applies("[w1] [w2] [r2]"), true);
  assertEquals(applies("[w1] [w2] [w1]"), false);
  assertEquals(applies("[w1] [w1?"), false);
  assertEquals(applies("[w1] [c12]"), false);
  assertEquals(applies("[w1] [c12?"), false);
  assertEquals(applies("[w1] [r-]"), true);
  assertEquals(applies("[w1] [r-]", casRegister), false, "null may be read in any state");
});

/** A register whose clients write different values or read; a fifth of the writes crash. */
function crashingWrites(clients: number, operations: number): Operation[] {
  const random = new Random(3);
  const history: Operation[] = [];
  const record = (type: Operation["type"], process: number, f: string, value: number | null) =>
    history.push({ index: history.length, time: history.length, type, process, f, value });
  const pending = new Map<number, { f: string; value: number | null; performed: boolean }>();
  const processes = Array.from({ length: clients }, (_, process) => process);
  let register: number | null = null;
  let [written, completed] = [0, 0];
  while (completed < operations) {
    const process = random.pick(processes);
    const operation = pending.get(process);
    if (operation === undefined) {
      const [f, value] = random.chance(0.7)
        ? ["write", ++written] as const
        : ["read", null] as const;
      record("invoke", process, f, value);
      pending.set(process, { f, value, performed: false });
    } else if (!operation.performed) {
      operation.performed = true;
      if (operation.f === "write") register = operation.value;
      else operation.value = register;
    } else {
      const isCrashed = operation.f === "write" && random.chance(0.2);
      record(isCrashed ? "info" : "ok", process, operation.f, operation.value);
      pending.delete(process);
      completed++;
      if (isCrashed) processes[processes.indexOf(process)] = clients + completed;
    }
  }
  return history;
}

Deno.test("60 clients with unique writes, of which a fifth crash, are decided", () => {
  const history = crashingWrites(60, 1000);
  const limits = { maxConfigurations: 50_000 };
  const valid = checkLinearizable(history, register, limits);
  assertEquals([valid["valid?"], valid["configs"]], [true, []]);
  const reads = history.filter(({ type, f }) => type === "ok" && f === "read");
  const [early, late] = [reads[100], reads.at(-1)] as [Operation, Operation];
  history[late.index] = { ...late, value: early.value };
  const invalid = checkLinearizable(history, register, limits);
  assertEquals([invalid["valid?"], invalid["op"]], [false, history[late.index]]);
});
