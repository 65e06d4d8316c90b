import { assert, assertEquals } from "std/testing";
import type { NemesisEvent } from "../../../lib/workbench/fault/mod.ts";
import { SHRINK_PASSES } from "../../../lib/workbench/explore/shrink_passes.ts";
import { generateCase } from "../../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT } from "./planted.ts";

const generated = generateCase(CORRECT.config, "1");
const event = (at: number, f: string, plan: unknown = null): NemesisEvent => ({
  at,
  f,
  value: null,
  plan,
});
const nodes = ["n0", "n1", "n2", "n3", "n4"];
const isolation = { n0: ["n1", "n2"], n1: ["n0"], n2: ["n0"] };
const { bin, args, serialDelivery } = generated;
const usual: TestCase = {
  bin,
  args,
  serialDelivery,
  options: {
    ...generated.options,
    nodes,
    concurrency: 10,
    timeLimitSeconds: 8,
    ratePerSecond: 100,
    maxTxnLength: 4,
    nemesis: ["kill", "partition"],
  },
  schedule: [
    event(0, "start-partition", isolation),
    event(1, "start-kill", { nodes: ["n3", "n4"] }),
    event(3000, "stop-partition"),
    event(5001, "stop-kill"),
  ],
};

/** Returns the candidates of a pass. */
function candidates(pass: string, changes: Partial<TestCase> = {}): readonly TestCase[] {
  const found = SHRINK_PASSES.find(({ name }) => name === pass);
  assert(found !== undefined, pass);
  return found({ ...usual, ...changes });
}

const schedules = (pass: string, changes: Partial<TestCase> = {}) =>
  candidates(pass, changes).map(({ schedule }) => schedule.map(({ at, f }) => `${at} ${f}`));
const withOptions = (changes: Partial<TestCase["options"]>) => ({
  options: { ...usual.options, ...changes },
});
const all = usual.schedule.map(({ at, f }) => `${at} ${f}`);
const without = (...indexes: number[]) => all.filter((_, index) => !indexes.includes(index));

Deno.test("fewerFaults removes all faults, or all events of one", () => {
  assertEquals(schedules("fewerFaults"), [[], without(1, 3), without(0, 2)]);
  assertEquals(schedules("fewerFaults", { schedule: [] }), []);
});

Deno.test("fewerEpisodes removes the last episode, the first, or the stop of a fault", () => {
  assertEquals(schedules("fewerEpisodes"), [without(1, 3), without(0, 2), without(2), without(3)]);
});

Deno.test("fewerEpisodes removes a half of four or more episodes first", () => {
  const schedule = [0, 1, 2, 3].map((at) => event(at, "start-loss", { messages: [at] }));
  const times = candidates("fewerEpisodes", { schedule }).map((other) =>
    other.schedule.map(({ at }) => at).join("")
  );
  assertEquals(times, ["01", "23", "012", "013", "023", "123"]);
  const three = candidates("fewerEpisodes", { schedule: schedule.slice(1) });
  assertEquals(three.length, 3);
});

Deno.test("onlyKilled replaces losses of power by kills of the same nodes", () => {
  const schedule = [event(1, "start-disk", { nodes: ["n1"], seed: "s" }), event(2, "stop-disk")];
  assertEquals(candidates("onlyKilled", { schedule }).map(({ schedule }) => schedule), [[
    event(1, "start-kill", { nodes: ["n1"] }),
    event(2, "stop-kill"),
  ]]);
  const pause = event(3, "start-pause", { nodes: ["n2"] });
  const [mixed] = candidates("onlyKilled", {
    schedule: [...schedule, pause, event(4, "stop-pause")],
  });
  assertEquals(mixed?.schedule.slice(2), [pause, event(4, "stop-pause")], "the others stay");
  assertEquals(mixed?.options.nemesis, ["kill", "pause"]);
  assertEquals(candidates("onlyKilled"), []);
});

Deno.test("earlierEvents halves all times until they are 0", () => {
  const times = (at: number) =>
    candidates("earlierEvents", { schedule: [event(at, "start-loss")] })
      .map(({ schedule }) => schedule[0]?.at);
  assertEquals([times(2501), times(1), times(0)], [[1250], [0], []]);
});

Deno.test("narrowerEvents excludes a node from one plan of a schedule of up to six events", () => {
  const plans = (schedule: readonly NemesisEvent[]) =>
    candidates("narrowerEvents", { schedule })
      .map((other) => JSON.stringify(other.schedule.map(({ plan }) => plan)));
  const kill = event(0, "start-kill", { nodes: ["n0", "n1"] });
  assertEquals(
    new Set(plans([kill, event(1, "stop-kill")])),
    new Set([
      '[{"nodes":["n0","n1"]},null]',
      '[{"nodes":["n0"]},null]',
      '[{"nodes":["n1"]},null]',
    ]),
  );
  assert(plans(Array(6).fill(kill)).length > 0);
  assertEquals(plans(Array(7).fill(kill)), []);
});

Deno.test("shorterRuns cuts the time limit and the events after it", () => {
  const shorter = candidates("shorterRuns").map(({ options, schedule }) => [
    options.timeLimitSeconds,
    schedule.length,
  ]);
  assertEquals(shorter, [[4, 3], [6, 4]]);
  const atLimit = candidates("shorterRuns", { schedule: [event(4000, "start-kill")] });
  assertEquals(atLimit.map(({ schedule }) => schedule.length), [0, 1]);
});

Deno.test("fewerOperations proposes none, a quarter, a half, and so on", () => {
  const counts = (changes: Partial<TestCase>) =>
    candidates("fewerOperations", changes).map(({ mostOperations }) => mostOperations);
  assertEquals(counts({ mostOperations: 100 }), [0, 25, 50, 75, 88, 99]);
  assertEquals(counts({ mostOperations: 1 }), [0]);
  assertEquals(counts({ mostOperations: 0 }), []);
  assertEquals(counts({ operations: [1, 2] }), []);
});

Deno.test("singleOperations lists up to 16 operations, and removes halves or single ones", () => {
  const lists = (changes: Partial<TestCase>) =>
    candidates("singleOperations", changes).map(({ operations }) => operations?.join(""));
  assertEquals(lists({ mostOperations: 2 }), ["1", "0"]);
  assertEquals(lists({ operations: [3, 5, 7] }), ["3", "57", "57", "37", "35"]);
  assertEquals(lists({ mostOperations: 16 }).length, 18);
  assertEquals(lists({ mostOperations: 17 }), []);
  assertEquals(
    "mostOperations" in (candidates("singleOperations", { mostOperations: 2 })[0] ?? {}),
    false,
  );
});

Deno.test("fewerFinalWorkers keeps single workers, a half, or all but one, but not none", () => {
  const kept = (changes: Partial<TestCase>) =>
    candidates("fewerFinalWorkers", changes).map(({ finalWorkers }) => finalWorkers?.join(""));
  assertEquals(kept({ finalWorkers: [2, 4, 6] }), ["2", "4", "6", "2", "46", "46", "26", "24"]);
  assertEquals(kept({ finalWorkers: [5] }), []);
  assertEquals(kept(withOptions({ concurrency: 2 })), ["0", "1", "1", "0"]);
  assertEquals(kept(withOptions({ concurrency: 16 })).length, 16 + 2 + 16);
  assertEquals(kept(withOptions({ concurrency: 17 })).length, 2 + 17);
});

Deno.test("singleLostMessage replaces the faults of up to four operations by one loss", () => {
  const lost = (changes: Partial<TestCase>) =>
    candidates("singleLostMessage", changes).map(({ schedule }) => schedule);
  assertEquals(
    lost({ mostOperations: 4 }),
    [0, 1, 2, 3, 4, 5, 6, 7].map((number) => [{
      at: 0,
      f: "start-loss",
      value: { messages: [number] },
      plan: { messages: [number] },
    }]),
  );
  assertEquals(lost({ mostOperations: 5 }), []);
  assertEquals(lost({ mostOperations: 4, schedule: [] }), []);
});

Deno.test("fewerLostMessages removes a half or a single one of up to 32 listed messages", () => {
  const lists = (messages: readonly number[]) =>
    candidates("fewerLostMessages", { schedule: [event(7, "start-loss", { messages })] })
      .map(({ schedule: [first] }) => {
        assertEquals([first?.at, first?.f], [7, "start-loss"]);
        return (first?.plan as { messages: number[] }).messages.join("");
      });
  assertEquals(lists([2, 4, 6, 8]), ["24", "68", "468", "268", "248", "246"]);
  const range = (length: number) => Array.from({ length }, (_, number) => number);
  assertEquals([lists(range(32)).length, lists(range(33)).length], [34, 0]);
});

Deno.test("fewerLostMessages lists the messages that are lost by chance", () => {
  const schedule = [event(7, "start-loss", { probability: 0.5, seed: "s" })];
  const lists = candidates("fewerLostMessages", { schedule })
    .map(({ schedule: [first] }) => (first?.plan as { messages: number[] }).messages);
  const [few = [], many = []] = lists;
  assertEquals([lists.length, few.length], [2, 32]);
  assert(many.length > 64 && many.length < 192 && Math.max(...many) < 256, many.join());
  assertEquals(many.slice(0, 32), few);
});

Deno.test("fewerNodes halves the nodes or removes one, with their workers and events", () => {
  const found = candidates("fewerNodes", { finalWorkers: [1, 7, 9] });
  assertEquals(found.map(({ options }) => [options.nodes.join(""), options.concurrency]), [
    ["n0n1n2", 6],
    ["n0n1n2n3", 8],
  ]);
  assertEquals(found.map(({ finalWorkers }) => finalWorkers), [[1], [1, 7]]);
  assertEquals(found[0]?.schedule.map(({ f }) => f), [
    "start-partition",
    "stop-partition",
    "stop-kill",
  ]);
  assertEquals(found[1]?.schedule[1]?.plan, { nodes: ["n3"] });
  const two = candidates("fewerNodes", withOptions({ nodes: ["n0", "n1"], concurrency: 1 }));
  assertEquals(two.map(({ options }) => [options.nodes, options.concurrency]), [[["n0"], 1]]);
  assertEquals(candidates("fewerNodes", withOptions({ nodes: ["n0"] })), []);
});

Deno.test("fewerWorkers proposes one, and up to four for each node", () => {
  const counts = (concurrency: number) =>
    candidates("fewerWorkers", withOptions({ concurrency }))
      .map(({ options }) => options.concurrency);
  assertEquals([counts(1), counts(5), counts(6)], [[], [1], [1, 5]]);
  assertEquals(counts(30), [1, 5, 10, 15, 20]);
  const [one] = candidates("fewerWorkers", { finalWorkers: [3, 4] });
  assertEquals(one?.finalWorkers, undefined, "without final workers, all are");
});

Deno.test("shorterTransactions proposes shorter ones of a workload of transactions", () => {
  const lengths = (maxTxnLength: number, workload = "txn-list-append") =>
    candidates("shorterTransactions", withOptions({ maxTxnLength, workload }))
      .map(({ options }) => options.maxTxnLength);
  assertEquals([lengths(8), lengths(2), lengths(1)], [[1, 4, 7], [1], []]);
  assertEquals(lengths(8, "echo"), []);
});

Deno.test("lowerRates proposes a quarter and a half, down to one operation a second", () => {
  const rates = (ratePerSecond: number) =>
    candidates("lowerRates", withOptions({ ratePerSecond }))
      .map(({ options }) => options.ratePerSecond);
  assertEquals([rates(100), rates(3), rates(1)], [[25, 50], [1, 1.5], []]);
});

Deno.test("lowerLatency proposes none, a half, and constant latencies", () => {
  const latencies = (meanMs: number, distribution: "constant" | "exponential") =>
    candidates("lowerLatency", withOptions({ latency: { meanMs, distribution } }))
      .map(({ options: { latency } }) => `${latency.meanMs} ${latency.distribution}`);
  assertEquals(latencies(10, "exponential"), ["0 exponential", "5 exponential", "10 constant"]);
  assertEquals(latencies(0.1, "constant"), ["0 constant"]);
  assertEquals(latencies(0, "constant"), []);
});

Deno.test("fasterDisks and defaultFlags remove what is not the default", () => {
  assertEquals(candidates("fasterDisks"), []);
  assertEquals(candidates("fasterDisks", { diskLatencyMs: 5 }), [usual]);
  const flags = (flags: Readonly<Record<string, number>>) =>
    candidates("defaultFlags", { flags }).map((other) => Object.keys(other.flags ?? {}).join(""));
  assertEquals([flags({}), flags({ a: 1 })], [[], [""]]);
  assertEquals(flags({ a: 1, b: 2, c: 3 }), ["", "bc", "ac", "ab"]);
});
