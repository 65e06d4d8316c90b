import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { createFault, FAULT_NAMES, PlanError } from "../../../lib/workbench/fault/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const nodes = ["n0", "n1", "n2", "n3", "n4"];

Deno.test("kill ends the processes of its plan, and stopping restarts just those", async () => {
  const stage = new FaultHarness(nodes);
  const kill = createFault("kill");
  assertEquals(await kill.start(stage.context, { nodes: ["n1", "n3"] }), {
    n1: "killed",
    n3: "killed",
  });
  assertEquals(await kill.stop(stage.context), { n1: "started", n3: "started" });
  assertEquals(stage.acts, ["kill n1", "kill n3", "restart n1", "restart n3"]);
  assertEquals(await kill.stop(stage.context), {});
});

Deno.test("a process that is dead already is not killed again", async () => {
  const stage = new FaultHarness(nodes);
  const kill = createFault("kill");
  await kill.start(stage.context, { nodes: ["n1"] });
  await kill.start(stage.context, { nodes: ["n1", "n2"] });
  await kill.stop(stage.context);
  assertEquals(stage.acts, ["kill n1", "kill n2", "restart n1", "restart n2"]);
});

Deno.test("pause stops processes, and stopping it lets all of them go on", async () => {
  const stage = new FaultHarness(nodes);
  const pause = createFault("pause");
  await pause.start(stage.context, { nodes: ["n0", "n4"] });
  await pause.stop(stage.context);
  assertEquals(stage.acts, ["pause n0", "pause n4", "resume n0", "resume n4"]);
});

Deno.test("kill and pause strike one node, a minority, or all", () => {
  for (const name of ["kill", "pause"]) {
    const random = new Random(name);
    const sizes = new Map<unknown, Set<number>>();
    for (let draw = 0; draw < 100; draw++) {
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

Deno.test("clocks jump at once and later, and stopping sets them right and jumps no more", async () => {
  const stage = new FaultHarness(nodes);
  const skew = createFault("skew");
  await skew.start(stage.context, {
    jumps: [
      { node: "n0", after: 0, offset: 250 },
      { node: "n1", after: 100, offset: -3000 },
      { node: "n0", after: 200, offset: 100 },
      { node: "n0", after: 900, offset: 77 },
    ],
  });
  assertEquals(stage.acts, ["skew n0 250"]);
  await stage.until(500);
  assertEquals(stage.acts, ["skew n0 250", "skew n1 -3000", "skew n0 100"]);
  assertEquals(stage.effects, [
    "skew: a clock jumped (n0)",
    "skew: a clock jumped back (n1)",
    "skew: a clock jumped back (n0)",
  ]);
  await skew.stop(stage.context);
  await stage.settle();
  assertEquals(stage.acts.slice(3), ["skew n0 0", "skew n1 0"]);
});

Deno.test("what a fault draws is a plan of its own, for any number of nodes", () => {
  for (const name of FAULT_NAMES) {
    for (const count of [1, 2, 3, 5, 25]) {
      const all = Array.from({ length: count }, (_, index) => `n${index}`);
      const random = new Random(`${name} ${count}`);
      for (let draw = 0; draw < 50; draw++) {
        const fault = createFault(name);
        const { plan } = fault.generate(all, random);
        assertEquals(fault.planProblem(plan, all), undefined, name);
        const through = JSON.parse(JSON.stringify(plan));
        assertEquals(fault.planProblem(through, all), undefined, `${name} as JSON`);
      }
    }
  }
});

Deno.test("restricting a plan to fewer nodes leaves a plan for those nodes, or nothing", () => {
  for (const name of FAULT_NAMES) {
    const random = new Random(name);
    for (let draw = 0; draw < 50; draw++) {
      const fault = createFault(name);
      const { plan } = fault.generate(nodes, random);
      const restricted = fault.restrict(plan, ["n0", "n1"]);
      if (restricted === undefined) continue;
      assertEquals(fault.planProblem(restricted, ["n0", "n1"]), undefined, name);
      assert(!JSON.stringify(restricted).includes('"n4"'), name);
    }
  }
});

Deno.test("a fault refuses plans of the wrong shape, and says what is wrong", () => {
  const { context: surface } = new FaultHarness(nodes);
  const wrong: [string, unknown, string][] = [
    ["kill", { nodes: "n0" }, "an array (each item: a string)"],
    ["kill", { nodes: ["n9"] }, "do not exist"],
    ["kill", null, "the plan of kill"],
    ["loss", { probability: 2, seed: "a" }, "from 0 to 1"],
    ["partition", { n0: ["n7"] }, "do not exist"],
    ["slow", { nodes: ["n0"], longer: -1 }, "from 0"],
    ["skew", { jumps: [{ node: "n0", after: 0 }] }, "offset"],
  ];
  for (const [name, plan, message] of wrong) {
    assertThrows(() => createFault(name).start(surface, plan), PlanError, message);
  }
});
