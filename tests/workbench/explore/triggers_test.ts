import { assert, assertEquals } from "std/testing";
import { encodeHistoryJsonl } from "../../../lib/history/mod.ts";
import type { Node } from "../../../lib/node/mod.ts";
import { failedCase } from "../../../lib/workbench/explore/explore_seed.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import { simEngineFactory } from "../../../lib/workbench/explore/sim_engine_factory.ts";
import { generateCase, type SwarmConfig } from "../../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { TriggeredFaults } from "../../../lib/workbench/explore/triggers.ts";
import { findWorkload, type Workload, workloads } from "../../../lib/workload/mod.ts";
import { readExploreCommandLine } from "../../../tasks/cli/explore_flags.ts";
import linKv from "../../../nodes/lin_kv.ts";

const FAULTS = ["partition", "one-way", "pause", "kill", "disk", "loss", "membership"];

function configOf(workload: string, faults: readonly string[] = FAULTS): SwarmConfig {
  const found = findWorkload(workload) as Workload;
  return { workload: found, bin: "node.ts", args: [], faults, fixedOptions: {} };
}

function casesOf(config: SwarmConfig, count: number): TestCase[] {
  return Array.from({ length: count }, (_, seed) => generateCase(config, String(seed)));
}

const triggers = { faults: ["partition", "kill"], maxDelayMs: 50, meanDurationMs: 1000 };
const nodes = ["n0", "n1", "n2", "n3", "n4"];

/** Returns triggered faults of which a mark "m" triggers each time. */
function eager(): TriggeredFaults {
  for (let seed = 0;; seed++) {
    const [first] = new TriggeredFaults(triggers, nodes, String(seed)).reached("n3", "m", 0);
    if (first === undefined) continue;
    const faults = new TriggeredFaults(triggers, nodes, String(seed));
    const events = Array.from({ length: 6 }, (_, index) => faults.reached("n3", "m", index * 1e6));
    if (events.every(({ length }) => length > 0)) {
      return new TriggeredFaults(triggers, nodes, String(seed));
    }
  }
}

Deno.test("a coverage point triggers a fault that begins soon, and ends", () => {
  const faults = eager();
  const seen = new Set<string>();
  for (let index = 0; index < 20; index++) {
    const nowMs = index * 1e6;
    const [start, stop, ...others] = faults.reached("n3", "m", nowMs);
    if (start === undefined || stop === undefined) continue;
    assertEquals(others, []);
    const name = start.f.slice("start-".length);
    assertEquals(stop.f, `stop-${name}`);
    assert(start.at >= nowMs && start.at <= nowMs + 50, `begins at ${start.at}`);
    assert(stop.at >= start.at && stop.at <= start.at + 2000, `ends at ${stop.at}`);
    const plan = start.plan as { readonly nodes?: string[]; readonly n3?: string[] };
    if (name === "kill") assert(plan.nodes?.includes("n3"));
    else if (start.value === "one") assertEquals(plan.n3?.length, nodes.length - 1);
    seen.add(name);
  }
  assertEquals([...seen].sort(), ["kill", "partition"]);
});

Deno.test("a fault that is active is not triggered again", () => {
  const faults = eager();
  const names = Array.from({ length: 10 }, () => faults.reached("n0", "m", 0))
    .flatMap((events) => events.map(({ f }) => f));
  assertEquals(names.sort(), ["start-kill", "start-partition", "stop-kill", "stop-partition"]);
});

Deno.test("equal seeds trigger equally, and some coverage points never do", () => {
  const eventsOf = (seed: number, point: string) => {
    const faults = new TriggeredFaults(triggers, nodes, String(seed));
    return Array.from({ length: 30 }, (_, index) => faults.reached("n1", point, index * 1e6));
  };
  const all = Array.from({ length: 40 }, (_, seed) => eventsOf(seed, "m"));
  assertEquals(eventsOf(7, "m"), all[7]);
  const silent = all.filter((events) => events.every(({ length }) => length === 0)).length;
  assert(silent > 5 && silent < 30, `${silent} of 40 runs trigger nothing`);
  assert(
    all.some((events, seed) =>
      events.flat().length > 0 && eventsOf(seed, "other").flat().length === 0
    ),
  );
});

Deno.test("about a tenth of the cases have triggers, and then no restarts of settled nodes", () => {
  const cases = casesOf(configOf("lin-kv"), 300);
  const triggered = cases.filter(({ triggers }) => triggers !== undefined);
  assert(triggered.length > 20 && triggered.length < 60, `${triggered.length} of 300`);
  for (const { triggers, schedule, options, clients = {} } of triggered) {
    assertEquals([clients.quiet, clients.readers], [undefined, undefined]);
    for (const fault of triggers!.faults) {
      assert(options.nemesis.includes(fault), fault);
      assert(!schedule.some(({ f }) => f === `start-${fault}`), `${fault} has times, too`);
    }
  }
  const ofMessages = casesOf(configOf("broadcast", ["loss", "duplicate", "reorder"]), 100);
  assertEquals(ofMessages.filter(({ triggers }) => triggers !== undefined), []);
});

Deno.test("--triggered leaves no fault of nodes a time of its own", () => {
  const commandLine = readExploreCommandLine(["lin-kv", "--triggered", "--nemesis", "kill,loss"]);
  const { setup } = commandLine!;
  const cases = casesOf({ ...configOf("lin-kv"), ...setup, workload: workloads.linKv }, 60);
  const kills = cases.filter(({ options }) => options.nemesis.includes("kill"));
  assert(kills.length > 10, `${kills.length} of 60 cases have kills`);
  for (const { triggers, schedule, options } of kills) {
    // A fault that is held for a minute has a time.
    if (options.timeLimitSeconds > 20) continue;
    assertEquals(triggers?.faults, ["kill"]);
    assertEquals(schedule.filter(({ f }) => !f.endsWith("-loss")), []);
  }
});

Deno.test("the schedule of a run with triggers repeats it, byte for byte", async () => {
  const createEngine = simEngineFactory(linKv);
  const traceOf = async (testCase: TestCase) => {
    const lines: string[] = [];
    const outcome = await runCase(testCase, createEngine, {
      journal: (event) => lines.push(JSON.stringify(event)),
    });
    lines.push(encodeHistoryJsonl(outcome.record.history));
    return { outcome, text: lines.join("\n") };
  };
  let events = 0;
  const cases = casesOf(configOf("lin-kv"), 200).filter(({ triggers, options }) =>
    triggers !== undefined && options.timeLimitSeconds <= 10
  );
  for (const testCase of cases.slice(0, 10)) {
    const { outcome, text } = await traceOf(testCase);
    const { scheduledCase } = outcome;
    assertEquals(scheduledCase.triggers, undefined);
    assertEquals((await traceOf(scheduledCase)).text, text, `seed ${testCase.options.seed}`);
    events += scheduledCase.schedule.length - testCase.schedule.length;
  }
  assert(events > 30, `${events} events were triggered`);
});

/** An echo node that is wrong after a pause that began within a millisecond of its fifth echo. */
function fragile(node: Node): void {
  let echoes = 0;
  let isBroken = false;
  node.on("echo", ({ echo = null }) => {
    if (++echoes === 5) {
      node.sometimes("the fifth echo");
      const beganMs = node.monotonic();
      node.after(1, () => isBroken = node.monotonic() - beganMs > 100);
    }
    return { type: "echo_ok", echo: isBroken ? "wrong" : echo };
  });
}

Deno.test("a fault that must follow a coverage point immediately is found and shrunk", async () => {
  const createEngine = simEngineFactory(fragile);
  const config = configOf("echo", ["pause", "loss"]);
  const test = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
  for (let seed = 0; seed < 200; seed++) {
    const failure = await test(generateCase(config, String(seed)));
    if (failure.length === 0) continue;
    assert(generateCase(config, String(seed)).triggers !== undefined, `seed ${seed}`);
    const found = await failedCase(config, { seed, failure }, createEngine);
    assertEquals(found.triggers, undefined);
    const shrunk = await shrink({ case: found, failure }, test);
    assertEquals(shrunk.case.schedule.map(({ f }) => f), ["start-pause"]);
    assertEquals(await test(shrunk.case), shrunk.failure);
    return;
  }
  throw new Error("no seed failed");
});
