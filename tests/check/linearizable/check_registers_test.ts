import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { checkLinearizableRegisters } from "../../../lib/check/linearizable/mod.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import type { Verdict } from "../../../lib/check/mod.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";
import { isLinearizableNaively } from "./order_oracle.ts";
import { registerHistory } from "./register_model.ts";
import { parseHistory, parseRegisterHistory } from "../../../lib/testing/mod.ts";

/** Interleaves the histories of several registers; `broken` keys read a value never written. */
function registers(
  keys: readonly unknown[],
  broken: readonly unknown[],
  operations = 40,
): Operation[] {
  const parts = keys.map((key, index) => {
    const options = { operations, clients: 4, values: 5, crashChance: 0.02 };
    return registerHistory(new Random(index), options).map((operation) => ({
      ...operation,
      process: operation.process as number * keys.length + index,
      value: [
        key,
        broken.includes(key) && operation.f === "read" && operation.type === "ok"
          ? 9
          : operation.value,
      ],
    }));
  });
  const history: Operation[] = [];
  for (let row = 0; parts.some((part) => row < part.length); row++) {
    for (const part of parts) {
      const operation = part[row];
      if (operation !== undefined) history.push({ ...operation, index: history.length });
    }
  }
  return history;
}

Deno.test("each key has its own verdict; failures lists the invalid keys", () => {
  const verdict = checkLinearizableRegisters(registers([10, 9, 2, "a"], [10, "a"]));
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["failures"], [10, "a"]);
  const results = verdict["results"] as Map<unknown, Verdict>;
  assertEquals([...results].map(([key, result]) => [key, result["valid?"]]), [
    [2, true],
    [9, true],
    [10, false],
    ["a", false],
  ]);
  const { op } = results.get(10)?.["linearizable"] as { op: Operation };
  assertEquals([op.f, op.value], ["read", 9]);
});

Deno.test("a history is valid if all its registers are, or if it has none", () => {
  assertEquals(checkLinearizableRegisters(registers([0, 1, 2], []))["valid?"], true);
  assertEquals(checkLinearizableRegisters([]), {
    "valid?": true,
    results: new Map(),
    failures: [],
  });
});

Deno.test("keys share the time limit: a slow key leaves time for the others", () => {
  // Each compare-and-set needs the result of another, so the search tries their orders.
  const options = { operations: 600, clients: 60, values: 2_000, crashChance: 0.05 };
  const hard = registerHistory(new Random("hard"), options);
  const easy = parseRegisterHistory("[w1] [r1]");
  const history = [...keyed(0, hard), ...keyed(1, easy)].map((operation, index) => ({
    ...operation,
    index,
  }));
  let reading = 0;
  const verdict = checkLinearizableRegisters(history, {
    now: () => reading += 1,
    timeLimitMs: 30,
  });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["failures"], []);
  const results = [...(verdict["results"] as Map<unknown, Verdict>).values()];
  assertEquals(results.map((result) => result["valid?"]), ["unknown", true]);
  assertEquals(reading > 5 && reading < 80, true, `the clock was read ${reading} times`);
});

Deno.test("the time limit counts from the start of the check, for all keys", () => {
  const options = { operations: 3000, clients: 20, values: 5, crashChance: 0 };
  const history = keyed(0, registerHistory(new Random("time"), options));
  const validity = (timeLimitMs: number) =>
    checkLinearizableRegisters(history, { now: () => 1000, timeLimitMs })["valid?"];
  assertEquals([validity(1), validity(0)], [true, "unknown"]);
});

Deno.test("an invalid key is found, and limits the search of a hard key", () => {
  const options = { operations: 600, clients: 60, values: 2_000, crashChance: 0.05 };
  const hard = registerHistory(new Random("hard"), options);
  const history = [...keyed(0, hard), ...keyed(1, parseRegisterHistory("[w1] [r2]"))].map(
    (operation, index) => ({ ...operation, index }),
  );
  const verdict = checkLinearizableRegisters(history);
  assertEquals([verdict["valid?"], verdict["failures"]], [false, [1]]);
  const { linearizable } = verdict.results.get(0) as { linearizable?: Verdict };
  assertEquals(linearizable?.["valid?"], "unknown");
  assertEquals(linearizable?.["cause"], "configuration-limit");
});

Deno.test("a read of null after a write loses the key; Maelstrom accepts it", () => {
  const verdict = checkLinearizableRegisters(keyed(7, parseRegisterHistory("[w1] [r-] [r1]")));
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["maelstrom-valid?"], true);
  assertEquals(verdict["lost-keys"], [7]);
  assertEquals(verdict.failures, []);
  const result = verdict.results.get(7) as Verdict;
  assertEquals([result["valid?"], result["maelstrom-valid?"]], [false, true]);
  assertEquals((result["linearizable"] as Verdict)["valid?"], true);
  const lost = result["lost-key"] as { op: Operation; message: string };
  assertEquals(lost.op.index, 3);
  assertStringIncludes(lost.message, "the register holds 1, not null. A read of null, or error");
});

Deno.test("a read of null before the first write, or concurrent with it, is valid", () => {
  for (const drawing of ["[r-] [w1] [r1]", "[w1     ]\n  [r-]", "[w1? [r-] [r1]"]) {
    const verdict = checkLinearizableRegisters(keyed(0, parseRegisterHistory(drawing)));
    assertEquals(verdict, { ...verdict, "valid?": true, failures: [] });
    assertEquals(verdict["lost-keys"], undefined);
  }
});

Deno.test("a key that Maelstrom finds invalid, too, is a failure and not lost", () => {
  const verdict = checkLinearizableRegisters(keyed(0, parseRegisterHistory("[w1] [r-] [r2]")));
  assertEquals([verdict["valid?"], verdict["failures"]], [false, [0]]);
  assertEquals([verdict["maelstrom-valid?"], verdict["lost-keys"]], [undefined, undefined]);
  const { op } = verdict.results.get(0)?.["linearizable"] as { op: Operation };
  assertEquals(op.value, 2);
});

function keyed(key: number, history: History): Operation[] {
  return history.map((operation) => ({
    ...operation,
    process: 100 * key + (operation.process as number),
    value: [key, operation.value],
  }));
}

Deno.test("nemesis operations are ignored", () => {
  const nemesis: Operation = {
    index: 0,
    time: 0,
    type: "info",
    process: "nemesis",
    f: "start-partition",
    value: ["n1", "n2"],
  };
  assertEquals(checkLinearizableRegisters([nemesis])["results"], new Map());
});

Deno.test("a read that fails since the key does not exist loses a written key; other errors do not", () => {
  const history = parseHistory("0 write 1; 0 ok 1; 1 read; 1 fail; 2 read; 2 ok 1");
  const failing = (name: string) =>
    history.map((operation): Operation => ({
      ...operation,
      value: [0, operation.value ?? null],
      ...(operation.type === "fail" ? { error: [name, "no"] } : {}),
    }));
  const verdict = checkLinearizableRegisters(failing("key-does-not-exist"));
  assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
  assertEquals([verdict.failures, verdict["lost-keys"]], [[], [0]]);
  const abort = checkLinearizableRegisters(failing("abort"));
  assertEquals([abort["valid?"], abort["maelstrom-valid?"]], [true, undefined]);
  const before = failing("key-does-not-exist").slice(2, 4);
  assertEquals(checkLinearizableRegisters(before)["valid?"], true, "before any write");
});

Deno.test("Maelstrom's verdict on a lost key ignores failed reads, but not other anomalies", () => {
  const history = parseHistory("0 write 1; 0 ok 1; 1 read; 1 fail; 2 read; 2 ok 7");
  const operations = history.map((operation): Operation => ({
    ...operation,
    value: [0, operation.value ?? null],
    ...(operation.type === "fail" ? { error: ["key-does-not-exist", "no"] } : {}),
  }));
  const verdict = checkLinearizableRegisters(operations);
  assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, undefined]);
  assertEquals(verdict.failures, [0]);
});

/** A history of keys 0 and 1 in which each operation has any result. */
function wildRegisters(random: Random): Operation[] {
  const history: Operation[] = [];
  const open = new Map<number, Pick<Operation, "f" | "value">>();
  let [left, nextProcess] = [2 + random.integer(4), 3];
  const processes = [0, 1, 2];
  while (left > 0 || open.size > 0) {
    const at = random.integer(processes.length);
    const process = processes[at] as number;
    const request = open.get(process);
    const base = { index: history.length, time: history.length, process };
    if (request === undefined) {
      if (left-- <= 0) continue;
      const key = random.integer(2);
      const f = random.pick(["read", "write", "cas", "cas"]);
      const value = f === "read"
        ? null
        : f === "write"
        ? random.integer(2)
        : [random.integer(2), random.integer(2)];
      open.set(process, { f, value: [key, value] });
      history.push({ ...base, type: "invoke", f, value: [key, value] });
      continue;
    }
    open.delete(process);
    const { f, value } = request;
    const [key] = value as [number];
    const outcome = random.next();
    if (outcome < 0.1) {
      history.push({ ...base, type: "info", f, value });
      processes[at] = nextProcess++;
    } else if (outcome < (f === "cas" ? 0.6 : 0.2)) {
      const names = ["key-does-not-exist", "abort", "precondition-failed"];
      const name = random.pick(f === "cas" ? [...names, "precondition-failed"] : names.slice(0, 2));
      history.push({ ...base, type: "fail", f, value, error: [name, "no"] });
    } else {
      const read = random.chance(0.2) ? null : random.integer(2);
      history.push({ ...base, type: "ok", f, value: f === "read" ? [key, read] : value });
    }
  }
  return history;
}

/** The operations of a key as the oracle takes them, with errors as results or without. */
function ofKey(history: History, key: number, withErrors: boolean): Operation[] {
  return history.filter(({ value }) => (value as unknown[])[0] === key).map((operation) => {
    const { type, f, error } = operation;
    const value = (operation.value as unknown[])[1];
    const [name] = (error ?? []) as string[];
    if (withErrors && type === "fail" && f !== "write" && name === "key-does-not-exist") {
      return { ...operation, type: "ok", f: "read", value: null };
    }
    return withErrors && type === "fail" && name === "precondition-failed"
      ? { ...operation, type: "ok", f: "failed-cas", value }
      : { ...operation, value };
  });
}

Deno.test("on small histories of two keys, verdicts agree with an enumeration of all orders", () => {
  const counts = { true: 0, false: 0, stricter: 0 };
  const runs = oracleHistories(1000);
  for (let seed = 0; seed < runs; seed++) {
    const history = wildRegisters(new Random(`keys ${seed}`));
    const keys = [0, 1];
    const strict = keys.every((key) =>
      isLinearizableNaively(ofKey(history, key, true), "initially")
    );
    const maelstrom = keys.every((key) => isLinearizableNaively(ofKey(history, key, false)));
    const verdict = checkLinearizableRegisters(history);
    const lines = history.map((operation) => JSON.stringify(operation)).join("\n");
    assertEquals(verdict["valid?"], strict, `seed ${seed}\n${lines}`);
    assertEquals(verdict["maelstrom-valid?"] ?? verdict["valid?"], maelstrom, `seed ${seed}`);
    counts[`${strict}`]++;
    if (strict !== maelstrom) counts.stricter++;
  }
  assert(Math.min(...Object.values(counts)) > runs / 50, JSON.stringify(counts));
});
