import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { createFault, FAULT_NAMES, PlanError } from "../../../lib/workbench/fault/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const nodes = ["n0", "n1", "n2", "n3", "n4"];

Deno.test("kill kills the processes of its plan, and its stop restarts them", async () => {
  const harness = new FaultHarness(nodes);
  const kill = createFault("kill");
  assertEquals(await kill.start(harness.context, { nodes: ["n1", "n3"] }), {
    n1: "killed",
    n3: "killed",
  });
  assertEquals(await kill.stop(harness.context), { n1: "started", n3: "started" });
  assertEquals(harness.processCalls, ["kill n1", "kill n3", "restart n1", "restart n3"]);
  assertEquals(harness.effects, [
    "kill: a process was killed (n1)",
    "kill: a process was killed (n3)",
    "kill: a process was restarted (n1)",
    "kill: a process was restarted (n3)",
  ]);
  assertEquals(await kill.stop(harness.context), {});
});

Deno.test("a killed process is not killed again", async () => {
  const harness = new FaultHarness(nodes);
  const kill = createFault("kill");
  await kill.start(harness.context, { nodes: ["n1"] });
  await kill.start(harness.context, { nodes: ["n1", "n2"] });
  await kill.stop(harness.context);
  assertEquals(harness.processCalls, ["kill n1", "kill n2", "restart n1", "restart n2"]);
});

Deno.test("pause pauses the processes of its plan, and its stop resumes them", async () => {
  const harness = new FaultHarness(nodes);
  const pause = createFault("pause");
  const started = await pause.start(harness.context, { nodes: ["n0", "n4"] });
  assertEquals(started, { n0: "paused", n4: "paused" });
  assertEquals(await pause.stop(harness.context), { n0: "resumed", n4: "resumed" });
  assertEquals(harness.processCalls, ["pause n0", "pause n4", "resume n0", "resume n4"]);
  assertEquals(harness.effects, [
    "pause: a process was paused (n0)",
    "pause: a process was paused (n4)",
  ]);
});

Deno.test("disk cuts the power of its machines, each with a seed of its own", async () => {
  const harness = new FaultHarness(nodes);
  const disk = createFault("disk");
  assertEquals(await disk.start(harness.context, { nodes: ["n1", "n3"], seed: "x" }), {
    n1: "lost power",
    n3: "lost power",
  });
  assertEquals(await disk.stop(harness.context, { nodes: ["n3"], seed: "" }), { n3: "started" });
  assertEquals(await disk.stop(harness.context), { n1: "started" });
  assertEquals(harness.processCalls, [
    "lose power n1 x/n1",
    "lose power n3 x/n3",
    "restart n3",
    "restart n1",
  ]);
});

Deno.test("disk reports what disks have lost, and damage on request", async () => {
  const harness = new FaultHarness(nodes);
  harness.damage = { lostRecords: 2, isTorn: true };
  const result = await createFault("disk").start(harness.context, {
    nodes: ["n1"],
    seed: "x",
    rot: true,
  });
  assertEquals(result, { n1: "lost power, and its disk is damaged" });
  assertEquals(harness.processCalls, ["lose power n1 x/n1 rots"]);
  assertEquals(harness.effects, [
    "disk: a machine lost power (n1)",
    "disk: records that were not synced were lost (n1)",
    "disk: a record was torn (n1)",
    "disk: a durable record was damaged (n1)",
  ]);
});

Deno.test("disk waits for an fsync of each machine, for a limited time", async () => {
  const harness = new FaultHarness(nodes);
  const disk = createFault("disk");
  const plan = { nodes: ["n1", "n2", "n3"], seed: "x", within: 500 };
  assertEquals(await disk.start(harness.context, plan), {
    n1: "loses power",
    n2: "loses power",
    n3: "loses power",
  });
  await harness.until(100);
  assertEquals(harness.processCalls, []);
  harness.interruptSync.get("n1")?.();
  assertEquals(harness.processCalls, ["lose power n1 x/n1"]);
  assertEquals(await disk.stop(harness.context, { nodes: ["n2"], seed: "" }), {
    n2: "kept power",
  });
  await harness.until(499);
  assertEquals(harness.processCalls.length, 1);
  await harness.until(501);
  assertEquals(harness.processCalls.slice(1), ["lose power n3 x/n3"]);
  assertEquals(await disk.stop(harness.context), { n1: "started", n3: "started" });
  assertEquals(harness.processCalls.slice(2), ["restart n1", "restart n3"]);
  assertEquals([...harness.interruptSync.keys()], [], "each waits once");
  const during = harness.effects.filter((effect) => effect.includes("during an fsync"));
  assertEquals(during, ["disk: a machine lost power during an fsync (n1)"]);
});

Deno.test("kill and pause affect one node, a minority, or all nodes", () => {
  for (const name of ["kill", "pause"]) {
    const random = new Random(name);
    const sizes = new Map<unknown, Set<number>>();
    for (let round = 0; round < 100; round++) {
      const { value, plan } = createFault(name).generate(nodes, random);
      const size = (plan as { readonly nodes: readonly string[] }).nodes.length;
      sizes.set(value, (sizes.get(value) ?? new Set()).add(size));
    }
    assertEquals(
      [...sizes].map(([value, counts]) => [value, [...counts]]).sort(),
      [["all", [5]], ["minority", [2]], ["one", [1]]],
    );
  }
});

Deno.test("skew jumps immediately and later, and its stop resets the clocks and cancels later jumps", async () => {
  const harness = new FaultHarness(nodes);
  const skew = createFault("skew");
  await skew.start(harness.context, {
    jumps: [
      { node: "n0", after: 0, offset: 250 },
      { node: "n1", after: 100, offset: -3000 },
      { node: "n0", after: 200, offset: 100 },
      { node: "n0", after: 900, offset: 77 },
    ],
  });
  assertEquals(harness.processCalls, ["skew n0 250"]);
  await harness.until(500);
  assertEquals(harness.processCalls, ["skew n0 250", "skew n1 -3000", "skew n0 100"]);
  assertEquals(harness.effects, [
    "skew: a clock jumped (n0)",
    "skew: a clock jumped back (n1)",
    "skew: a clock jumped back (n0)",
  ]);
  await skew.stop(harness.context);
  await harness.settle();
  assertEquals(harness.processCalls.slice(3), ["skew n0 0", "skew n1 0"]);
});

Deno.test("a generated plan is valid, for any number of nodes", () => {
  for (const name of FAULT_NAMES) {
    for (const count of [1, 2, 3, 5, 25]) {
      const all = Array.from({ length: count }, (_, index) => `n${index}`);
      const random = new Random(`${name} ${count}`);
      for (let round = 0; round < 50; round++) {
        const fault = createFault(name);
        const { plan } = fault.generate(all, random);
        assertEquals(fault.planProblem(plan, all), undefined, name);
        const parsed = JSON.parse(JSON.stringify(plan));
        assertEquals(fault.planProblem(parsed, all), undefined, `${name} as JSON`);
      }
    }
  }
});

Deno.test("a plan restricted to fewer nodes is valid for those nodes, or undefined", () => {
  for (const name of FAULT_NAMES) {
    const random = new Random(name);
    for (let round = 0; round < 50; round++) {
      const fault = createFault(name);
      const { plan } = fault.generate(nodes, random);
      const restricted = fault.restrict(plan, ["n0", "n1"]);
      if (restricted === undefined) continue;
      assertEquals(fault.planProblem(restricted, ["n0", "n1"]), undefined, name);
      assert(!JSON.stringify(restricted).includes('"n4"'), name);
    }
  }
});

Deno.test("start throws a PlanError that names the problem of an invalid plan", () => {
  const { context } = new FaultHarness(nodes);
  const invalid: [string, unknown, string][] = [
    ["kill", { nodes: "n0" }, "an array (each item: a string)"],
    ["kill", { nodes: ["n9"] }, "names unknown nodes"],
    ["kill", null, "the plan of kill"],
    ["loss", { probability: 2, seed: "a" }, "from 0 to 1"],
    ["loss", { messages: [-1] }, "from 0"],
    ["partition", { n0: ["n7"] }, "names unknown nodes"],
    ["slow", { nodes: ["n0"], longer: -1 }, "from 0"],
    ["skew", { jumps: [{ node: "n0", after: 0 }] }, "offset"],
  ];
  for (const [name, plan, message] of invalid) {
    assertThrows(() => createFault(name).start(context, plan), PlanError, message);
  }
});
