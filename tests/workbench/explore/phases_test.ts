import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import type { Operation } from "../../../lib/history/mod.ts";
import { type PhaseSettings, TwoPhases } from "../../../lib/workbench/explore/phases.ts";
import {
  completeOptions,
  type FinalState,
  forever,
  type Generator,
  type Invocation,
  oncePerWorker,
  PENDING,
  type TestOptions,
  type Workload,
  workloads,
} from "../../../lib/workload/mod.ts";
import { drive, type DriveOptions, invocations } from "../../support/drive_generator.ts";

const NO_STATE: FinalState = { observed: () => [] };

/** Returns a generator of operations `op` with the values 0, 1, 2, … */
function counting(count = Infinity): Generator {
  let value = 0;
  return {
    next: ({ free }) =>
      value >= count
        ? undefined
        : { worker: free[0] as number, invocation: { f: "op", value: value++ } },
  };
}

/** Returns a workload with two phases. */
function twoPhases(workload: Partial<Workload> = {}, settings: Partial<PhaseSettings> = {}) {
  const whole: Workload = {
    name: "counting",
    summary: "operations with ascending values",
    generator: () => counting(),
    client: () => ({ invoke: () => Promise.resolve({ type: "ok" }) }),
    check: () => ({ "valid?": true }),
    ...workload,
  };
  return new TwoPhases(whole, { schedule: [], ...settings });
}

function optionsOf(changes: Partial<TestOptions> = {}): TestOptions {
  const options = completeOptions(workloads.echo, { nodes: 2, concurrency: 4 });
  return { ...options, ...changes };
}

const [options, random] = [optionsOf(), new Random("phases")];

/** Runs the final phase after a main phase without operations. */
function finalPhase(phases: TwoPhases, changes: Partial<DriveOptions> = {}): Operation[] {
  phases.generator(options, random);
  const final = phases.finalGenerator(options, random, []);
  return drive(final, { concurrency: 4, maxOperations: 1000, ...changes });
}

function perWorker(history: readonly Operation[]): number[] {
  const counts = [0, 0, 0, 0];
  for (const { process } of invocations(history)) {
    const worker = process as number % 4;
    counts[worker] = (counts[worker] as number) + 1;
  }
  return counts;
}

Deno.test("a worker's final phase ends after three replies, of which a rejection is one", () => {
  assertEquals(perWorker(finalPhase(twoPhases())), [3, 3, 3, 3]);
  const rejected = finalPhase(twoPhases(), {
    complete: () => ({ type: "fail", error: ["precondition-failed", "no"] }),
  });
  assertEquals(perWorker(rejected), [3, 3, 3, 3]);
  assert(invocations(rejected).every(({ final }) => final === true));
});

Deno.test("a worker without replies gives up after 20 requests, the others after three replies", () => {
  for (const error of ["net-timeout", "timeout", "temporarily-unavailable", "crash"]) {
    const history = finalPhase(twoPhases(), {
      complete: (_, worker) =>
        worker === 1 ? { type: "info", error: [error, "x"] } : { type: "ok" },
    });
    assertEquals(perWorker(history), [3, 20, 3, 3], error);
  }
});

Deno.test("the final phase waits for the replies that its workers still lack", () => {
  const history = finalPhase(twoPhases(), {
    complete: (_, worker) => ({ type: "ok", afterMs: worker === 0 ? 100 : 1 }),
  });
  assertEquals(perWorker(history), [3, 3, 3, 3]);
  assertEquals((history.at(-1)?.time ?? 0) / 1e6, 300);
});

Deno.test("operations of the main generator continue in the final phase, so that values stay unique", () => {
  const phases = twoPhases();
  const main = drive(phases.generator(options, random), { concurrency: 4, maxOperations: 5 });
  const final = drive(phases.finalGenerator(options, random, main), { concurrency: 4 });
  const values = [...invocations(main), ...invocations(final)].map(({ value }) => value);
  assertEquals(values, Array.from({ length: 17 }, (_, value) => value));
});

Deno.test("the final phase waits while the main generator has no operation at the moment", () => {
  let calls = 0;
  const sometimes: Generator = {
    next: ({ free, nowMs }) =>
      calls++ % 2 === 0
        ? { pending: true, untilMs: nowMs + 10 }
        : { worker: free[0] as number, invocation: { f: "op", value: null } },
  };
  const phases = twoPhases({ generator: () => sometimes });
  assertEquals(perWorker(finalPhase(phases)), [3, 3, 3, 3]);
  const exhausted = twoPhases({ generator: () => counting(5) });
  assertEquals(finalPhase(exhausted).length, 10, "five operations");
});

Deno.test("all workers read the whole state twice before any makes a final operation", () => {
  const first: Invocation = { f: "read all", value: null };
  const finalGenerator = () => oncePerWorker(() => ({ f: "own", value: null }));
  const reads = { isRead: () => false, finalState: () => ({ ...NO_STATE, first }) };
  const operations = (settings: Partial<PhaseSettings>) =>
    finalPhase(twoPhases({ finalGenerator, reads }, settings), {
      complete: (_, worker) => ({ type: "ok", afterMs: 10 * (worker + 1) }),
    }).map(({ f, type, process }) => `${type} ${f} ${process}`);
  const all = operations({});
  const steps = (type: string, f: string) => [0, 1, 2, 3].map((worker) => `${type} ${f} ${worker}`);
  const readAll = [...steps("invoke", "read all"), ...steps("ok", "read all")];
  assertEquals(all, [...readAll, ...readAll, ...steps("invoke", "own"), ...steps("ok", "own")]);
  const some = ["invoke read all 1", "invoke read all 3", "ok read all 1", "ok read all 3"];
  assertEquals(operations({ finalWorkers: [1, 3] }), [
    ...some,
    ...some,
    ...["invoke own 1", "invoke own 3", "ok own 1", "ok own 3"],
  ]);
});

Deno.test("nodes need not agree where the workload leaves that to them, unless the case says so", () => {
  let states = 0;
  const finalState = () => {
    states++;
    return NO_STATE;
  };
  const reads = { isRead: () => false, finalState, isAgreementOptional: true };
  finalPhase(twoPhases({ reads }));
  assertEquals(states, 0);
  finalPhase(twoPhases({ reads }, { agreement: true }));
  assertEquals(states, 1);
  finalPhase(twoPhases({ reads: { isRead: () => false, finalState } }));
  assertEquals(states, 2);
});

Deno.test("the main phase has the listed operations of the generator, up to the limit", () => {
  const values = (settings: Partial<PhaseSettings>) => {
    const generator = twoPhases({}, settings).generator(options, random);
    return invocations(drive(generator, { concurrency: 4, maxOperations: 10 }))
      .map(({ value }) => value);
  };
  assertEquals(values({}).length, 10);
  assertEquals(values({ operations: [0, 2, 3] }), [0, 2, 3]);
  assertEquals(values({ operations: [7, 1] }), [1, 7]);
  assertEquals(values({ operations: [] }), []);
  assertEquals(values({ mostOperations: 2 }), [0, 1]);
  assertEquals(values({ mostOperations: 0 }), []);
  assertEquals(values({ mostOperations: 2, operations: [1, 2, 5] }), [1, 2]);
});

Deno.test("operations after the last listed one are not generated", () => {
  const phases = twoPhases({}, { operations: [0, 2] });
  drive(phases.generator(options, random), { concurrency: 4 });
  const [first] = invocations(
    drive(phases.finalGenerator(options, random, []), { concurrency: 4 }),
  );
  assertEquals(first?.value, 3);
  const none = twoPhases({}, { operations: [] });
  drive(none.generator(options, random), { concurrency: 4 });
  const final = drive(none.finalGenerator(options, random, []), { concurrency: 4 });
  assertEquals(invocations(final)[0]?.value, 0);
});

Deno.test("a generator that has no operation at the moment loses none to the list or the limit", () => {
  const pendings = (): Generator => {
    const all = counting();
    let calls = 0;
    return { next: (context) => calls++ % 2 === 0 ? PENDING : all.next(context) };
  };
  const context = { nowMs: 0, free: [0], concurrency: 1, processOf: () => 0 };
  const generator = twoPhases({ generator: pendings }, { operations: [0, 1], mostOperations: 2 })
    .generator(options, random);
  const values = Array.from({ length: 5 }, () => generator.next(context))
    .map((next) => next === undefined ? "end" : "pending" in next ? "-" : next.invocation.value);
  assertEquals(values, ["-", 0, "-", 1, "end"]);
});

Deno.test("generators receive the invocations and completions of both phases", () => {
  const updates: string[] = [];
  const observed = (name: string): Generator => ({
    ...oncePerWorker(() => ({ f: name, value: null })),
    update: ({ type, f }, worker, { concurrency }) =>
      updates.push(`${name}: ${type} ${f} of ${worker}/${concurrency}`),
  });
  const settings = { mostOperations: 1, operations: [0], finalWorkers: [2] };
  const phases = twoPhases({
    generator: () => observed("main"),
    finalGenerator: () => observed("final"),
  }, settings);
  drive(phases.generator(options, random), { concurrency: 4 });
  drive(phases.finalGenerator(options, random, []), { concurrency: 4 });
  assertEquals(updates, [
    ...["main: invoke main of 0/4", "main: ok main of 0/4"],
    ...["final: invoke final of 2/1", "final: ok final of 2/1"],
  ]);
  updates.length = 0;
  finalPhase(twoPhases({ generator: () => observed("main") }));
  assertEquals(updates.filter((line) => line.startsWith("main: ok")).length, 4);
});

/** Returns a completed operation of a process. */
function completion(process: number, type: Operation["type"], more: Partial<Operation> = {}) {
  return { index: 0, time: 0, process, f: "op", value: null, type, ...more };
}

/** Returns the explanations of the liveness of a final phase. */
function livenessOf(
  final: readonly Operation[],
  changes: Partial<TestOptions> = {},
  workload: Partial<Workload> = {},
): readonly string[] {
  const phases = twoPhases(workload);
  const all = optionsOf(changes);
  const main = [completion(0, "invoke"), completion(0, "info")];
  phases.generator(all, random);
  phases.finalGenerator(all, random, main);
  const verdict = phases.checkLiveness([...main, ...final], all);
  const { explanations = [] } = verdict as { explanations?: readonly { message: string }[] };
  assertEquals(verdict["valid?"], explanations.length === 0);
  return explanations.map(({ message }) => message);
}

const invoke = (process: number, more: Partial<Operation> = {}) =>
  completion(process, "invoke", more);

Deno.test("a worker whose final requests all time out shows that its node is not live", () => {
  const timeout = { error: ["net-timeout", "no reply"] };
  const silent = [0, 4, 8].flatMap((process) => [
    invoke(process + 1),
    completion(process + 1, "info", timeout),
  ]);
  const replied = [invoke(0), completion(0, "ok")];
  assertEquals(livenessOf([...silent, ...replied]), [
    "Node n1 replied to none of the 3 final requests of worker 1, which began 10 seconds after " +
    "all faults were healed.",
  ]);
  assertEquals(livenessOf([...silent, invoke(13), completion(13, "ok")]), []);
  assertEquals(livenessOf([invoke(1)]).length, 1, "not even a completion");
  const ofMainPhase = completion(1, "info", timeout);
  assertEquals(livenessOf([ofMainPhase]), [], "of a request before the final phase");
  assertEquals(livenessOf([]), []);
  const partial = { nemesis: ["loss", "partial-partition"] };
  assert(
    livenessOf(silent, partial)[0]?.endsWith(
      "which began 40 seconds after all faults but partial-partition were healed.",
    ),
  );
});

Deno.test("a rejection is a reply, an unavailable node's error and an exception are not", () => {
  const isLive = (more: Partial<Operation>, type: Operation["type"] = "info") =>
    livenessOf([invoke(0), completion(0, type, more)]).length === 0;
  assert(isLive({ error: ["key-does-not-exist", "not found"] }, "fail"));
  assert(isLive({ error: "precondition-failed" }, "fail"));
  assert(isLive({ error: ["abort", "x"] }));
  for (const error of ["net-timeout", "timeout", "temporarily-unavailable", "crash"]) {
    assert(!isLive({ error }), error);
    assert(!isLive({ error: [error, "text"] }, "fail"), error);
  }
  assert(!isLive({ error: "indeterminate", exception: { via: [] } }));
  assert(!isLive({}));
});

Deno.test("operations that need not succeed show nothing about liveness", () => {
  const crash = [invoke(0, { f: "crash" }), completion(0, "info", { f: "crash", error: "crash" })];
  assertEquals(livenessOf(crash, {}, { mayNeverSucceed: ["crash"] }), []);
  assertEquals(livenessOf(crash).length, 1);
  const nemesis = { ...invoke(0), process: "nemesis" as const };
  assertEquals(livenessOf([nemesis]), []);
});

Deno.test("nodes must agree on what their clients read in the final phase, and only there", () => {
  const finalState = (): FinalState => ({ observed: ({ value }) => [["the sum", value]] });
  const phases = twoPhases({ reads: { isRead: () => true, finalState } });
  const read = (process: number, value: number) => completion(process, "ok", { value });
  const main = [read(0, 1), read(1, 2)];
  phases.generator(options, random);
  assertEquals(phases.checkAgreement(main, options), { "valid?": true });
  phases.finalGenerator(options, random, main);
  assertEquals(phases.checkAgreement([...main, read(0, 7), read(1, 7)], options), {
    "valid?": true,
  });
  const { explanations } = phases.checkAgreement([...main, read(0, 7), read(1, 8)], options);
  assertEquals(explanations?.map(({ message }) => message), ["the sum is 7 on n0 and 8 on n1"]);
});

Deno.test("whether nodes are live is unknown without a final phase", () => {
  const phases = twoPhases();
  assertEquals(phases.checkLiveness([], options), { "valid?": "unknown" });
  assertEquals(phases.checkAgreement([], options), { "valid?": true });
});

Deno.test("clients wait for late events of the schedule, of which each is recorded twice", () => {
  const event = (at: number) => ({ at, f: "stop-loss", value: null, plan: null });
  const phases = twoPhases({}, {
    clients: { quiet: { fromMs: 0, toMs: 100 } },
    schedule: [event(10), event(100), event(101)],
  });
  const generator = phases.generator(options, random);
  const next = (nowMs: number) =>
    generator.next({ nowMs, free: [0], concurrency: 1, processOf: () => 0 });
  const isWaiting = (nowMs: number) => "pending" in (next(nowMs) ?? {});
  const nemesis = { ...invoke(0), type: "info" as const, process: "nemesis" as const };
  assert(isWaiting(0));
  for (let records = 0; records < 4; records++) {
    assert(isWaiting(200), `${records} records`);
    phases.observe(nemesis);
    for (let count = 0; count < 9; count++) phases.observe(invoke(0));
  }
  assert(!isWaiting(200), "the event at 101 ms is later than the quiet time");
});

Deno.test("two phases keep what the workload defines", async () => {
  const own: Workload = {
    name: "own",
    summary: "a workload",
    reusesClients: true,
    mayNeverSucceed: ["crash"],
    problem: ({ seed }) => `problem of ${seed}`,
    generator: () => forever(() => ({ f: "op", value: 0 })),
    client: ({ node }) => ({ invoke: () => Promise.resolve({ type: "ok", value: node }) }),
    setUp: (connections) => Promise.reject(new Error(`${connections.length} connections`)),
    check: (history) => ({ "valid?": history.length === 3 }),
  };
  const phases = new TwoPhases(own, { schedule: [] });
  const { name, summary, reusesClients, mayNeverSucceed } = own;
  assertEquals(
    [phases.name, phases.summary, phases.reusesClients, phases.mayNeverSucceed],
    [name, summary, reusesClients as boolean, mayNeverSucceed as string[]],
  );
  assertEquals(phases.problem(options), `problem of ${options.seed}`);
  const connection = { node: "n1", call: () => Promise.reject(new Error("not called")) };
  const client = phases.client(connection, options);
  assertEquals((await client.invoke({ f: "op", value: 0 })).value, "n1");
  const setUp = phases.setUp([connection, connection], options);
  assertEquals(await setUp.catch(({ message }) => message), "2 connections");
  const context = { options, now: () => 0 };
  assertEquals(phases.check([], context), { "valid?": false });
  const { reusesClients: reuses, mayNeverSucceed: none } = twoPhases();
  assertEquals([reuses, none], [false, []]);
});
