import { assertEquals, assertThrows } from "std/testing";
import {
  type FaultControls,
  faultControls,
  FaultScriptError,
} from "../../lib/workbench/fault_script.ts";
import { ScriptClock } from "../../lib/workbench/script_clock.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";
import { inVirtualTime } from "../support/in_virtual_time.ts";

/** Returns the functions of a script, and what they perform, as `f value plan`. */
function recording() {
  const performed: string[] = [];
  const controls = faultControls({
    nodes: ["n0", "n1", "n2", "n3"],
    clock: new ScriptClock(new VirtualClock()),
    seed: "s",
    perform(f, value, plan) {
      performed.push(`${f} ${JSON.stringify(value)} ${JSON.stringify(plan)}`);
      return Promise.resolve();
    },
  });
  return { controls, performed };
}

async function performedBy(
  script: (controls: FaultControls) => Promise<void>,
): Promise<string[]> {
  const { controls, performed } = recording();
  await script(controls);
  return performed;
}

Deno.test("restart ends the kill of killed nodes, and the loss of power of the others", async () => {
  const some = await performedBy(async ({ kill, losePower, restart }) => {
    await kill("n0", "n1");
    await losePower("n2", "n3");
    await restart("n0", "n2");
    await restart("n3");
  });
  assertEquals(some.slice(2), [
    'stop-kill ["n0"] {"nodes":["n0"]}',
    'stop-disk ["n2"] {"nodes":["n2"],"seed":""}',
    'stop-disk ["n3"] {"nodes":["n3"],"seed":""}',
  ]);
  const all = await performedBy(async ({ losePower, restart }) => {
    await losePower("n2");
    await restart();
    await restart();
    await restart("n2");
  });
  assertEquals(all.slice(1), [
    "stop-kill null null",
    "stop-disk null null",
    "stop-kill null null",
    'stop-kill ["n2"] {"nodes":["n2"]}',
  ]);
});

Deno.test("each loss of power and each random fault has a seed of its own", async () => {
  const performed = await performedBy(async ({ losePower, rot, start, removeMembers }) => {
    await losePower("n0");
    await rot("n1");
    await start("loss", { probability: 0.5 });
    await start("slow", { nodes: ["n1"], longer: 9 });
    await removeMembers("n2");
  });
  assertEquals(performed, [
    'start-disk ["n0"] {"nodes":["n0"],"seed":"s/0"}',
    'start-disk ["n1"] {"nodes":["n1"],"seed":"s/1","rot":true}',
    'start-loss {"probability":0.5} {"probability":0.5,"seed":"s/2"}',
    'start-slow {"nodes":["n1"],"longer":9} {"nodes":["n1"],"longer":9}',
    'start-membership ["n2"] {"nodes":["n2"],"seed":"s/3"}',
  ]);
});

Deno.test("an operation on all nodes has no plan", async () => {
  assertEquals(
    await performedBy(async ({ addMembers, resume, resetClocks, stop }) => {
      await addMembers();
      await resume();
      await resetClocks();
      await stop("duplicate");
    }),
    ["membership", "pause", "skew", "duplicate"].map((fault) => `stop-${fault} null null`),
  );
});

Deno.test("healing some links leaves the others broken, and ends a fault without broken links", async () => {
  const performed = await performedBy(async ({ partition, partitionOneWay, heal }) => {
    await partition(["n0", "n1"], "n2");
    await heal("n0", "n2");
    await heal("n0", "n3");
    await partitionOneWay("n2", ["n3"]);
    await heal("n3");
    await heal("n1", ["n2", "n3"]);
  });
  assertEquals(performed, [
    'start-partition [["n0","n1"],["n2"]] {"n2":["n0","n1"],"n0":["n2"],"n1":["n2"]}',
    'start-partition [["n0"],["n2"]] {"n2":["n1"],"n1":["n2"]}',
    'start-one-way [["n2"],["n3"]] {"n3":["n2"]}',
    "stop-one-way null null",
    "stop-partition null null",
  ]);
});

Deno.test("healing ends when all of its operations have ended", async () => {
  const pending: (() => void)[] = [];
  const { heal, partition, partitionOneWay } = faultControls({
    nodes: ["n0", "n1"],
    clock: new ScriptClock(new VirtualClock()),
    seed: "s",
    perform: () => new Promise((resolve) => void pending.push(resolve)),
  });
  partition("n0", "n1");
  partitionOneWay("n0", "n1");
  let isHealed = false;
  const healed = heal().then(() => isHealed = true);
  assertEquals(pending.length, 4);
  for (const resolve of pending.slice(0, 3)) resolve();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assertEquals(isHealed, false);
  pending[3]?.();
  await healed;
});

Deno.test("an invalid call of a script throws, and names the node", () => {
  const { controls, performed } = recording();
  assertThrows(() => controls.pause("n0", "n4"), FaultScriptError, 'unknown node "n4"; choose');
  assertThrows(() => controls.skew("n5", 1), FaultScriptError, 'unknown node "n5"');
  assertThrows(() => controls.losePower(), FaultScriptError, "at least one node");
  assertThrows(
    () => controls.partitionOneWay("n1", ["n0", "n1"]),
    FaultScriptError,
    'node "n1" cannot be on both sides',
  );
  assertEquals(performed, []);
});

Deno.test("a script waits on the clock of the main phase, and not for times that have passed", async () => {
  const times: number[] = [];
  await inVirtualTime(async (clock) => {
    await new Promise<void>((resolve) => void clock.after(500, resolve));
    const controls = faultControls({
      clock: new ScriptClock(clock),
      nodes: ["n0"],
      seed: "",
      perform: () => Promise.resolve(),
    });
    const note = () => times.push(controls.now(), clock.now());
    note();
    await controls.sleep(100);
    note();
    await controls.at(60);
    note();
    await controls.at(250);
    note();
    let tests = 0;
    await controls.until(() => ++tests > 3, 20);
    note();
  });
  assertEquals(times, [0, 500, 100, 600, 100, 600, 250, 750, 310, 810]);
});
