import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { nodeIds } from "../../../lib/workload/mod.ts";
import type { Node } from "../../../lib/node/mod.ts";
import { quiescenceMsUnder } from "../../../lib/workbench/quiescence.ts";
import {
  exploreSeed,
  generateCase,
  simEngineFactory,
  type SwarmConfig,
} from "../../../lib/workbench/explore/mod.ts";
import { areRestartsFair, withSettledRestarts } from "../../../lib/workbench/explore/restarts.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { FAULT_NAMES } from "../../../lib/workbench/fault/mod.ts";

const networkFaults = FAULT_NAMES.filter((name) => name !== "kill" && name !== "disk");

function configOf(workload: string, faults: readonly string[]): SwarmConfig {
  const fixedOptions = workload.startsWith("txn-") ? { consistencyModels: ["read-committed"] } : {};
  const found = findWorkload(workload) as Workload;
  return { workload: found, bin: "", args: [], faults, fixedOptions };
}

function cases(workload: string, faults: readonly string[], count = 120): TestCase[] {
  return Array.from(
    { length: count },
    (_, seed) => generateCase(configOf(workload, faults), String(seed)),
  );
}

const hasKill = ({ schedule }: TestCase) => schedule.some(({ f }) => f === "start-kill");

for (const restart of ["restart-reader", "restart-settled"]) {
  Deno.test(`${restart} occurs in some cases of every kind, and is fair in each`, () => {
    const generated = cases("broadcast", [...networkFaults, restart], 200);
    const restarting = generated.filter(hasKill);
    assert(restarting.length > 15 && restarting.length < 80, `${restarting.length} of 200`);
    for (const testCase of restarting) {
      assert(areRestartsFair(testCase), JSON.stringify([testCase.schedule, testCase.clients]));
      assert(testCase.options.nemesis.includes("kill"), "the kill is healed in the end");
    }
    const partial = restarting.filter(({ options }) =>
      options.nemesis.includes("partial-partition")
    );
    assert(partial.length > 0);
  });
}

Deno.test("nodes are restarted after everything has healed, as before the final operations", () => {
  const settled = cases("g-set", [...networkFaults, "restart-settled"]).filter(hasKill);
  for (const { schedule, clients } of settled) {
    const fromMs = clients?.quiet?.fromMs as number;
    const kill = schedule.find(({ f }) => f === "start-kill");
    assert(kill !== undefined && kill.at - fromMs >= 5000 + quiescenceMsUnder([], 5));
    const last = new Map(
      schedule.filter(({ at }) => at <= fromMs).map(({ f }) => [f.slice(f.indexOf("-") + 1), f]),
    );
    last.delete("partial-partition");
    assertEquals([...last.values()].filter((f) => f.startsWith("start-")), []);
  }
});

Deno.test("a fault that starts at the very instant of the pause is healed, a later one postponed", () => {
  const scheduleWith = (startMs: number) => {
    const start = { at: startMs, f: "start-loss", value: null, plan: null };
    const scenario = { schedule: [start], clients: {}, timeLimitSeconds: 10 };
    const { clients, schedule } = withSettledRestarts(scenario, nodeIds(3), new Random(1));
    return { quiet: clients.quiet as { fromMs: number; toMs: number }, schedule };
  };
  const { quiet: { fromMs, toMs } } = scheduleWith(0);
  const atPause = scheduleWith(fromMs).schedule.slice(0, 2).map(({ at, f }) => [at, f]);
  assertEquals(atPause, [[fromMs, "start-loss"], [fromMs, "stop-loss"]]);
  const later = scheduleWith(fromMs + 1).schedule.at(-1);
  assertEquals([later?.at, later?.f], [toMs + 1, "start-loss"]);
});

Deno.test("a fault that the pause has healed is not stopped again, until it starts again", () => {
  const event = (at: number, f: string) => ({ at, f, value: null, plan: null });
  const later = ["stop-loss", "start-loss", "stop-loss", "stop-slow"];
  const schedule = [
    event(0, "start-loss"),
    ...later.map((f, index) => event(100_000 + index, f)),
  ];
  const scenario = { schedule, clients: {}, timeLimitSeconds: 10 };
  const { clients: { quiet }, schedule: found } = withSettledRestarts(
    scenario,
    nodeIds(3),
    new Random(1),
  );
  assert(quiet !== undefined);
  const byMs = quiet.toMs - quiet.fromMs;
  assertEquals(found.slice(-3).map(({ at, f }) => [at - byMs, f]), [
    [100_001, "start-loss"],
    [100_002, "stop-loss"],
    [100_003, "stop-slow"],
  ]);
  assertEquals(found.filter(({ f }) => f === "stop-loss").length, 2);
});

Deno.test("a kill is unfair too early, or on a node that serves writes", () => {
  const event = (at: number, f: string, nodes?: readonly string[]) => ({
    at,
    f,
    value: null,
    plan: nodes === undefined ? null : { nodes },
  });
  const [base] = cases("broadcast", []);
  const fair = (clients: TestCase["clients"], ...schedule: ReturnType<typeof event>[]) =>
    areRestartsFair({
      ...base as TestCase,
      schedule,
      ...(clients === undefined ? {} : { clients }),
    });
  const quiet = { quiet: { fromMs: 1000, toMs: 30_000 } };
  assert(fair(quiet, event(16_000, "start-kill", ["n1"])));
  assert(!fair(quiet, event(15_900, "start-kill", ["n1"])), "too early");
  assert(!fair(quiet, event(31_000, "start-kill", ["n1"])), "too late");
  assert(
    !fair(quiet, event(500, "start-partition"), event(16_000, "start-kill", ["n1"])),
    "under a partition",
  );
  assert(
    !fair(
      quiet,
      event(500, "stop-partition"),
      event(16_000, "start-kill", ["n1"]),
      event(16_100, "stop-kill"),
      event(20_000, "start-kill", ["n2"]),
    ),
    "the new incarnation has had no time",
  );
  const all = base?.options.nodes;
  assert(!fair(quiet, event(16_000, "start-kill", all)), "no node is left");
  const readers = { readers: { nodes: ["n1"], untilMs: 900 } };
  assert(fair(readers, event(100, "start-kill", ["n1"])));
  assert(!fair(readers, event(100, "start-kill", ["n0", "n1"])), "not a reader");
  assert(!fair(readers, event(901, "start-kill", ["n1"])), "no reader any more");
  assert(fair(undefined, event(100, "start-kill", ["n0"])), "kills meant to hit anything");
});

/** A set that sends each element to all nodes until they acknowledge it, and forgets it in a restart. */
function volatileSet(node: Node): void {
  const elements = new Set<unknown>();
  const add = (element: unknown) => void elements.add(element);
  node.on("add", ({ element }) => {
    add(element);
    for (const peer of node.peers) retry(peer, element);
    return { type: "add_ok" };
  });
  function retry(peer: string, element: unknown): void {
    const body = { type: "store", element: element as number };
    node.rpc(peer, body, { timeoutMs: 500 }).catch(() => retry(peer, element));
  }
  node.on("store", ({ element }) => {
    add(element);
    return { type: "store_ok" };
  });
  node.on("read", () => ({ type: "read_ok", value: [...elements] as number[] }));
}

Deno.test("restarts find a node that never recovers what its former incarnation had", async () => {
  const createEngine = simEngineFactory(volatileSet);
  const usual = configOf("g-set", ["partition", "loss"]);
  for (let seed = 0; seed < 12; seed++) {
    assertEquals((await exploreSeed(usual, seed, createEngine)).failure, []);
  }
  for (const restart of ["restart-reader", "restart-settled"]) {
    const config = configOf("g-set", ["partition", restart]);
    let found: { readonly case: TestCase; readonly failure: readonly string[] } | undefined;
    for (let seed = 0; seed < 40 && found === undefined; seed++) {
      const { failure } = await exploreSeed(config, seed, createEngine);
      if (failure.length > 0) found = { failure, case: generateCase(config, String(seed)) };
    }
    assert(found !== undefined, `${restart} found nothing`);
    const test = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
    const shrunk = await shrink(found, test, { maxRuns: 30 });
    assert(areRestartsFair(shrunk.case), "shrinking leaves restarts fair");
    assert(hasKill(shrunk.case), "without a restart the node is correct");
  }
});

Deno.test("restart-any kills some nodes at any time, but not all, in many cases", () => {
  const generated = cases("kafka", [...networkFaults, "restart-any"], 200);
  const restarting = generated.filter(hasKill);
  assert(restarting.length > 50 && restarting.length < 130, `${restarting.length} of 200`);
  const rounds: number[] = [];
  for (const testCase of generated) {
    assertEquals(testCase.toleratesLoss === true, hasKill(testCase));
    if (!hasKill(testCase)) continue;
    const { schedule, options: { nodes, timeLimitSeconds } } = testCase;
    const events = schedule.filter(({ f }) => f.endsWith("-kill"));
    rounds.push(events.length / 2);
    for (const [index, { at, f, plan }] of events.entries()) {
      assertEquals(f, index % 2 === 0 ? "start-kill" : "stop-kill");
      if (f === "start-kill") assertEquals((plan as { nodes: string[] }).nodes.length, 1);
      assert(at <= timeLimitSeconds * 1000 && at >= (events[index - 1]?.at ?? 0));
    }
    assertEquals(schedule, schedule.toSorted((one, other) => one.at - other.at));
    assert(areRestartsFair(testCase));
    const plan = { nodes };
    const all = schedule.map((event) => event.f === "start-kill" ? { ...event, plan } : event);
    assert(!areRestartsFair({ ...testCase, schedule: all }), "no node is left");
  }
  assert(rounds.includes(1) && rounds.includes(2) && rounds.includes(3), rounds.join());
  const usual = cases("kafka", [...networkFaults, "restart-reader"], 60);
  assertEquals(usual.filter(({ toleratesLoss }) => toleratesLoss), []);
});

/** A set that acknowledges elements before it sends them to its peers; some it may never send. */
const lazySet = (keepsThrees: boolean) => (node: Node) => {
  const elements = new Set<unknown>();
  node.on("add", ({ element }) => {
    elements.add(element);
    return { type: "add_ok" };
  });
  node.on("store", (body) => {
    for (const element of body.elements as unknown[]) elements.add(element);
  });
  node.on("read", () => ({ type: "read_ok", value: [...elements] as number[] }));
  node.every(300, () => {
    const sent = [...elements].filter((element) => element !== 3 || !keepsThrees) as number[];
    for (const peer of node.peers) node.send(peer, { type: "store", elements: sent });
  });
};

Deno.test("after a restart at any time acknowledged writes may be lost, but the nodes must agree", async () => {
  const explored = { nodes: nodeIds(3), ratePerSecond: 40, timeLimitSeconds: 2 };
  const failures = async (faults: readonly string[], node: (node: Node) => void) => {
    const config = configOf("g-set", faults);
    const found = new Set<string>();
    for (let seed = 0; seed < 16; seed++) {
      const fixed = { ...config, fixedOptions: explored };
      const { failure } = await exploreSeed(fixed, seed, simEngineFactory(node));
      for (const entry of failure) found.add(entry);
    }
    return found;
  };
  assert((await failures(["kill"], lazySet(false))).has("workload: lost"));
  assertEquals([...await failures(["restart-any"], lazySet(false))], []);
  assert((await failures(["restart-any"], lazySet(true))).has("agreement: diverged"));
});

Deno.test("clients only read from nodes that are about to be killed, and pause before others", async () => {
  const node = (node: Node) => {
    node.on("add", () => ({ type: "add_ok" }));
    node.on("read", () => ({ type: "read_ok", value: [] }));
  };
  const [reader] = cases("g-set", ["restart-reader"]).filter(hasKill);
  const [settled] = cases("g-set", ["restart-settled"]).filter(hasKill);
  const mutations = async (testCase: TestCase) =>
    (await runCase(testCase, simEngineFactory(node))).record.history.filter((
      { type, f, process },
    ) => process !== "nemesis" && type === "invoke" && f === "add");
  const { options: { concurrency, nodes }, clients } = reader as TestCase;
  const { readers } = clients as { readers: { nodes: string[]; untilMs: number } };
  const early = (await mutations(reader as TestCase)).filter(({ time }) =>
    time < readers.untilMs * 1e6
  );
  assert(early.length > 0);
  for (const { process } of early) {
    const id = nodes[(process as number) % concurrency % nodes.length] as string;
    assert(!readers.nodes.includes(id));
  }
  const { quiet } = settled?.clients as { quiet: { fromMs: number; toMs: number } };
  const times = (await mutations(settled as TestCase)).map(({ time }) => time / 1e6);
  assert(times.some((at) => at < quiet.fromMs) && times.some((at) => at >= quiet.toMs));
  assertEquals(times.filter((at) => at > quiet.fromMs + 1 && at < quiet.toMs), []);
});

Deno.test("some cases are large, long, or have bursts of writes; most have none of it", () => {
  const generated = cases("broadcast", networkFaults, 600);
  const count = (select: (testCase: TestCase) => boolean) => generated.filter(select).length;
  const large = count(({ options }) => options.nodes.length > 7);
  const long = count(({ schedule }) =>
    schedule.some(({ at, f }) => {
      const stop = schedule.find((other) => other.at === at + 60_000);
      return f.startsWith("start-") && stop?.f === f.replace("start", "stop");
    })
  );
  const written = count(({ mostOperations = 0, clients }) =>
    mostOperations >= 1000 && (clients?.skippedReads ?? 0) > 0.9
  );
  for (const [name, times] of Object.entries({ large, long, written })) {
    assert(times >= 2 && times < 60, `${name}: ${times} of 600`);
  }
  assertEquals(generated.filter(({ options }) => nodeIds(options.nodes.length).length > 25), []);
});

for (const load of ["readers", "quiet"] as const) {
  Deno.test(`clients wait for a restart that comes late (${load})`, async () => {
    // Init takes longer than the restart was planned for, so the second kill is postponed.
    const node = async (node: Node) => {
      node.on("add", () => ({ type: "add_ok" }));
      node.on("read", () => ({ type: "read_ok", value: [] }));
      await node.sleep(700);
    };
    const kill = (at: number) => ({
      at,
      f: "start-kill",
      value: "n1",
      plan: { nodes: ["n1"] },
    });
    const restart = (at: number) => ({ at, f: "stop-kill", value: null, plan: null });
    const [generated] = cases("g-set", ["partition"]) as [TestCase];
    const testCase: TestCase = {
      ...generated,
      options: {
        ...generated.options,
        nodes: nodeIds(2),
        concurrency: 4,
        ratePerSecond: 100,
        timeLimitSeconds: 4,
        nemesis: ["kill"],
      },
      schedule: [kill(100), restart(110), kill(400), restart(410)],
      clients: load === "readers"
        ? { readers: { nodes: ["n1"], untilMs: 500 } }
        : { quiet: { fromMs: 50, toMs: 500 } },
    };
    const { record } = await runCase(testCase, simEngineFactory(node));
    const kills = record.history.filter(({ f }) => f === "start-kill");
    assertEquals(kills.length, 4, "two kills");
    const lastKill = kills.at(-1)?.index as number;
    const begin = record.history.findIndex(({ f }) => f === "start-kill");
    const adds = record.history.filter(({ type, f, process }) =>
      type === "invoke" && f === "add" && Number(process) % 2 === 1
    );
    assertEquals(adds.filter(({ index }) => index > begin && index < lastKill), []);
    assert(adds.some(({ index }) => index > lastKill), "n1 serves writes later");
  });
}
