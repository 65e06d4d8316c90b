import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { FAULT_NAMES } from "../../../lib/workbench/fault/mod.ts";
import { areRestartsFair } from "../../../lib/workbench/explore/restarts.ts";
import {
  generateCase,
  GENERATED_VALUES,
  type SwarmConfig,
} from "../../../lib/workbench/explore/swarm.ts";
import { generateFaults } from "../../../lib/workbench/explore/swarm_faults.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { WORLDS } from "../../../lib/workbench/explore/worlds.ts";
import { findWorkload, nodeIds, type Workload } from "../../../lib/workload/mod.ts";
import { assertNear } from "../../support/assert_near.ts";

const COUNT = 800;

function generate(workload: string, config: Partial<SwarmConfig> = {}): TestCase[] {
  const whole: SwarmConfig = {
    workload: findWorkload(workload) as Workload,
    bin: "node.ts",
    args: [],
    faults: [],
    fixedOptions: {},
    ...config,
  };
  return Array.from({ length: COUNT }, (_, seed) => generateCase(whole, String(seed)));
}

/** The cases of the usual world: those of others have more of something. */
const usual = generate("txn-list-append").filter(({ options, mostOperations }) =>
  mostOperations === undefined && options.nodes.length <= 7 && options.timeLimitSeconds <= 20
);

/** The same without unstable clusters, which have three or five nodes and 20 seconds. */
const short = usual.filter(({ options }) => options.timeLimitSeconds < 20);
const ofOtherSizes = usual.filter(({ options }) => ![3, 5].includes(options.nodes.length));

/** Returns the numbers of cases by what is selected. */
function countBy(cases: readonly TestCase[], select: (testCase: TestCase) => unknown) {
  const counts = new Map<unknown, number>();
  for (const testCase of cases) {
    const key = select(testCase);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Asserts that the values of a choice occur in these shares, up to chance. */
function assertShares(
  cases: readonly TestCase[],
  select: (testCase: TestCase) => unknown,
  shareOf: (value: unknown, size: number) => number,
): void {
  const counts = countBy(cases, select);
  for (const [value, count] of counts) {
    const share = shareOf(value, counts.size);
    const deviation = Math.sqrt(share * (1 - share) / cases.length);
    assertNear(count / cases.length, share, 3 * deviation, `share of ${value}`);
  }
}

/** All values occur equally often. */
const equally = (_value: unknown, size: number) => 1 / size;

function range(cases: readonly TestCase[], select: (testCase: TestCase) => number) {
  const values = cases.map(select);
  return [Math.min(...values), Math.max(...values)] as const;
}

Deno.test("clusters are mostly of three or five nodes; some have one, two or an even number", () => {
  const counts = countBy(usual, ({ options }) => options.nodes.length);
  const byFrequency = [...counts].sort(([, a], [, b]) => b - a).map(([count]) => count);
  assertEquals(byFrequency.slice(0, 2), [3, 5]);
  assert(Math.min(...counts.values()) > usual.length / 20);
  for (const count of [1, 2, 4]) assert(counts.has(count), `${count} nodes`);
  assert(Math.max(...byFrequency as number[]) > 5, "two nodes may fail of the largest");
  assertShares(
    short,
    ({ options }) => options.nodes.length,
    (value) => value === 3 ? 3 / 9 : value === 5 ? 2 / 9 : 1 / 9,
  );
});

Deno.test("a node has from one to several clients, equally often", () => {
  const counts = countBy(usual, ({ options }) => options.concurrency / options.nodes.length);
  const numbers = [...counts.keys()].sort() as number[];
  assertEquals(numbers, numbers.map((_, index) => index + 1));
  assert(numbers.length > 2);
  assertShares(usual, ({ options }) => options.concurrency / options.nodes.length, equally);
});

Deno.test("rates have a uniform exponent, from one request per second on, and bound the operations", () => {
  const rates = usual.map(({ options }) => options.ratePerSecond);
  const [min, max] = range(usual, ({ options }) => options.ratePerSecond);
  assert(min === 1 && max > 128 && max <= 256, `${min} to ${max}`);
  assert(rates.every(Number.isInteger));
  const low = rates.filter((rate) => rate <= 16).length;
  assert(low > rates.length * 0.4 && low < rates.length * 0.7, `${low} of ${rates.length}`);
  const [, operations] = range(
    usual,
    ({ options }) => options.ratePerSecond * options.timeLimitSeconds,
  );
  assert(operations > 500 && operations <= 1010, `${operations} operations`);
});

Deno.test("a long time limit leaves at least one request per second", () => {
  const long = generate("echo", { fixedOptions: { timeLimitSeconds: 5000 } });
  assertEquals(range(long, ({ options }) => options.ratePerSecond)[0], 1);
});

Deno.test("time limits are from a second to many, latencies none, tiny or long", () => {
  const times = countBy(usual, ({ options }) => options.timeLimitSeconds);
  const [shortest, longest] = range(usual, ({ options }) => options.timeLimitSeconds);
  assert(shortest === 1 && longest >= 10, "no test would wait for longer ones");
  assert(times.size > 3);
  assertShares(ofOtherSizes, ({ options }) => options.timeLimitSeconds, equally);
  const latencies = countBy(usual, ({ options }) => options.latency.meanMs);
  const [byFrequency] = [...latencies].sort(([, a], [, b]) => b - a);
  assertEquals(byFrequency?.[0], 0, "none is most frequent");
  const [, highest] = range(usual, ({ options }) => options.latency.meanMs);
  assert(highest > 100 && highest < 1000, "a client waits for several round trips");
  assert(latencies.has(1) && latencies.size > 5);
  assertShares(
    usual,
    ({ options }) => options.latency.meanMs,
    (value, size) => (value === 0 ? 2 : 1) / (size + 1),
  );
});

Deno.test("a long mean latency has no long tail, beyond which clients would give up", () => {
  const kinds = countBy(
    usual,
    ({ options: { latency } }) => `${latency.meanMs} ${latency.distribution}`,
  );
  for (const meanMs of [0, 1, 5, 20, 100]) {
    for (const distribution of ["constant", "uniform", "exponential"]) {
      assert(kinds.has(`${meanMs} ${distribution}`), `${meanMs} ${distribution}`);
    }
  }
  assert(!kinds.has("300 exponential"));
  assert(kinds.get("300 uniform") as number > (kinds.get("300 constant") as number));
});

Deno.test("transactions are short or long, keys few or as in Maelstrom, and change often or rarely", () => {
  const lengths = countBy(usual, ({ options }) => options.maxTxnLength);
  const [shortest, longest] = range(usual, ({ options }) => options.maxTxnLength);
  assert(lengths.size > 2 && shortest === 1 && longest >= 8);
  const keys = countBy(usual, ({ options }) => options.keyCount);
  assert(keys.has(1) && keys.has(2) && keys.has(undefined));
  const writes = countBy(usual, ({ options }) => options.maxWritesPerKey);
  assert(writes.size > 2 && Math.min(...writes.keys() as Iterable<number>) < 10);
  assertShares(usual, ({ options }) => options.maxTxnLength, equally);
  assertShares(usual, ({ options }) => options.keyCount, equally);
  assertShares(usual, ({ options }) => options.maxWritesPerKey, equally);
});

Deno.test("cases have the values that the help names", () => {
  const selections: Partial<
    Record<keyof typeof GENERATED_VALUES, (testCase: TestCase) => unknown>
  > = {
    nodes: ({ options }) => options.nodes.length,
    timeLimitSeconds: ({ options }) => options.timeLimitSeconds,
    latency: ({ options }) => options.latency.meanMs,
    keyCount: ({ options }) => options.keyCount ?? "Maelstrom's default",
    maxTxnLength: ({ options }) => options.maxTxnLength,
    maxWritesPerKey: ({ options }) => options.maxWritesPerKey,
  };
  for (const [name, select] of Object.entries(selections)) {
    const text = GENERATED_VALUES[name as keyof typeof GENERATED_VALUES];
    const named = text.replace(/ \(.*/, "").split(", ").map((value) => value.replace("or ", ""));
    const found = [...countBy(usual, select).keys()].map(String);
    assertEquals(found.sort(), named.sort(), name);
  }
});

Deno.test("the values of a parameter are far apart, so that extremes are frequent", () => {
  const selections: Readonly<Record<string, (options: TestCase["options"]) => number>> = {
    "time limits": ({ timeLimitSeconds }) => timeLimitSeconds,
    "latencies": ({ latency }) => latency.meanMs,
    "numbers of keys": ({ keyCount = 0 }) => keyCount,
    "lengths of transactions": ({ maxTxnLength }) => maxTxnLength,
    "writes per key": ({ maxWritesPerKey }) => maxWritesPerKey,
  };
  for (const [name, select] of Object.entries(selections)) {
    const counts = countBy(usual, ({ options }) => select(options));
    const values = ([...counts.keys()] as number[]).filter((value) => value > 0)
      .sort((one, other) => one - other);
    for (const [index, value] of values.entries()) {
      const previous = values[index - 1] ?? 0;
      assert(value >= 2 * previous, `${name}: ${value} after ${previous}`);
    }
  }
});

Deno.test("three of four cases deliver a message only when the previous one was handled", () => {
  assertShares(usual, ({ serialDelivery }) => serialDelivery, (value) => value ? 3 / 4 : 1 / 4);
});

Deno.test("half of the cases with losses of power have slow disks, and no others", () => {
  const cases = generate("lin-kv", { faults: ["disk", "loss"] });
  const withDisk = cases.filter(({ options }) => options.nemesis.includes("disk"));
  const slow = cases.filter(({ diskLatencyMs }) => diskLatencyMs !== undefined);
  assert(slow.every((testCase) => withDisk.includes(testCase)));
  assertShares(withDisk, ({ diskLatencyMs }) => diskLatencyMs === undefined, () => 1 / 2);
  const latencies = countBy(slow, ({ diskLatencyMs }) => diskLatencyMs);
  assert(latencies.size > 1 && range(slow, ({ diskLatencyMs = 0 }) => diskLatencyMs)[0] > 1);
});

Deno.test("half of the cases have a value of each of the node's flags, independently", () => {
  const explores = { "batch": [1, 100], "other": [7] };
  const cases = generate("echo", { exploredFlags: explores });
  const counts = countBy(cases, ({ flags = {} }) => `${flags.batch} ${flags.other}`);
  for (const both of ["undefined undefined", "1 7", "100 7", "undefined 7", "1 undefined"]) {
    const usualShare = both.includes("1") ? 1 / 8 : 1 / 4;
    assertNear(counts.get(both) as number / COUNT, usualShare, 0.05, both);
  }
  assert(cases.every(({ flags }) => flags === undefined || Object.keys(flags).length > 0));
  assert(generate("echo").every(({ flags }) => flags === undefined));
});

Deno.test("one of eight cases has no fault, the others one to many", () => {
  const cases = generate("broadcast", { faults: FAULT_NAMES });
  const counts = countBy(cases, ({ options }) => options.nemesis.length);
  assertNear(counts.get(0) as number / COUNT, 1 / 8, 0.035, "share without faults");
  const short = cases.filter(({ options }) => options.timeLimitSeconds < 20);
  const shares = FAULT_NAMES.map((fault) =>
    short.filter(({ options }) => options.nemesis.includes(fault)).length / short.length
  );
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  assertNear(mean, 0.35, 0.03, "share of cases with a given fault");
  assert(shares.every((share) => Math.abs(share - mean) < 0.06), shares.join());
  assert(
    counts.get(1) as number > COUNT / 40 && Math.max(...counts.keys() as Iterable<number>) > 8,
  );
  const one = countBy(
    generate("broadcast", { faults: ["loss"] }),
    (testCase) => testCase.options.nemesis.join(),
  );
  assertNear(one.get("loss") as number / COUNT, 7 / 8, 0.04, "share with the only fault");
});

Deno.test("some faults come and go many times in a second, others once in several", () => {
  const cases = generate("broadcast", { faults: ["pause"], fixedOptions: { timeLimitSeconds: 20 } })
    .filter(({ triggers, schedule }) => triggers === undefined && schedule.length > 0);
  const rates = cases.map(({ schedule }) => schedule.length / 20);
  assert(Math.max(...rates) > 5 && Math.min(...rates) < 0.3);
  const often = rates.filter((rate) => rate > 2).length / rates.length;
  assert(often > 0.2 && often < 0.6, `${often} change more than twice a second`);
});

Deno.test("a triggered fault begins within a few mean latencies, and ends after a while", () => {
  const cases = generate("lin-kv", { faults: ["kill", "pause"], triggered: true })
    .filter(({ triggers }) => triggers !== undefined);
  assert(cases.length > COUNT / 2);
  for (const { triggers, options: { latency } } of cases) {
    const { maxDelayMs, meanDurationMs } = triggers!;
    const isShort = latency.meanMs < 2;
    assert(maxDelayMs >= (isShort ? 2 : latency.meanMs), `${maxDelayMs} of ${latency.meanMs}`);
    assert(meanDurationMs >= 100 && meanDurationMs <= 5000);
  }
  const delays = countBy(
    cases,
    ({ triggers, options: { latency } }) =>
      latency.meanMs < 2 ? undefined : triggers!.maxDelayMs / latency.meanMs,
  );
  assert(delays.size > 2, [...delays.keys()].join());
  const known = [...delays.keys()].filter((delay) => typeof delay === "number");
  assertNear(Math.min(...known), 1, 1e-9, "as soon as within one latency");
  assertNear(Math.max(...known), 10, 1e-9, "or only within several round trips");
});

Deno.test("an unstable cluster has one or two faults that come and go about every second", () => {
  const options = { ...usual[0]!.options, nodes: nodeIds(3), timeLimitSeconds: 20 };
  const { timeLimitSeconds, nodeCounts, maxFaults } = WORLDS.unstable;
  assert(timeLimitSeconds >= 10 && maxFaults === 2, "progress is possible in between");
  assert(nodeCounts.every((count) => count % 2 === 1 && count > 1), "there are leaders");
  const numbers = new Map<number, number>();
  for (let seed = 0; seed < 300; seed++) {
    const faults = ["pause", "kill", "partition", "one-way"];
    const random = new Random(seed);
    const { schedule } = generateFaults({ faults }, WORLDS.unstable, options, random);
    if (schedule.length === 0) continue;
    const names = new Set(schedule.map(({ f }) => f.slice(f.indexOf("-") + 1)));
    numbers.set(names.size, (numbers.get(names.size) ?? 0) + 1);
    for (const name of names) {
      const seconds = 20 / schedule.filter(({ f }) => f.endsWith(`-${name}`)).length;
      assert(seconds > 0.2 && seconds < 5, `${name}: every ${seconds} s`);
    }
  }
  assertEquals([...numbers.keys()].sort(), [1, 2]);
  assert(Math.min(...numbers.values()) > 50);
});

Deno.test("in a long world one fault is held, and hardly another joins it", () => {
  const nodes = nodeIds(3);
  const { timeLimitSeconds } = WORLDS.long;
  const options = { ...usual[0]!.options, nodes, timeLimitSeconds };
  for (let seed = 0; seed < 100; seed++) {
    const faults = ["pause", "partition", "one-way"];
    const random = new Random(seed);
    const { schedule, triggers } = generateFaults({ faults }, WORLDS.long, options, random);
    if (schedule.length === 0) continue;
    const held = schedule.filter(({ at, f }) =>
      schedule.some((stop) => stop.at === at + 60_000 && stop.f === f.replace("start", "stop"))
    );
    assertEquals(held.length, 1, `seed ${seed}`);
    const others = new Set(schedule.map(({ f }) => f.slice(f.indexOf("-") + 1)));
    assert(others.size + (triggers?.faults.length ?? 0) <= 2);
    assert((held[0]?.at ?? 0) < 20_000 && timeLimitSeconds >= 80, "time before and after it");
  }
});

const restarting = (name: string) =>
  generate("g-set", { faults: [name], fixedOptions: { nodes: nodeIds(5), timeLimitSeconds: 20 } })
    .filter(({ clients }) => clients?.readers !== undefined || clients?.quiet !== undefined);

Deno.test("one to all but one nodes are readers, which are killed once or often, and end up restarted", () => {
  const cases = restarting("restart-reader");
  assertNear(cases.length / COUNT, 0.2, 0.042, "share of cases with restarts");
  const sizes = countBy(cases, ({ clients }) => clients?.readers?.nodes.length);
  assertEquals([...sizes.keys()].sort(), [1, 2, 3, 4]);
  const kills = cases.map(({ schedule }) => schedule.filter(({ f }) => f === "start-kill"));
  assert(Math.min(...kills.map(({ length }) => length)) < 3);
  assert(Math.max(...kills.map(({ length }) => length)) > 20);
  for (const [index, { schedule, clients, options }] of cases.entries()) {
    const { nodes, untilMs } = clients?.readers as { nodes: string[]; untilMs: number };
    const part = untilMs / (options.timeLimitSeconds * 1000);
    assert(part >= 0.3 && part <= 0.9, `${part}`);
    assertEquals(nodes, nodes.toSorted());
    assertEquals(schedule.length, 2 * (kills[index] as unknown[]).length, "each ends");
    assert(schedule.every(({ at }) => at <= untilMs));
    assertEquals(schedule, schedule.toSorted((one, other) => one.at - other.at));
    assert(areRestartsFair(cases[index] as TestCase));
  }
});

Deno.test("settled nodes are restarted in one to three rounds, at once or after a while", () => {
  const cases = restarting("restart-settled");
  assertNear(cases.length / COUNT, 0.2, 0.042, "share of cases with restarts");
  const rounds = countBy(cases, ({ schedule }) => schedule.length / 2);
  assertEquals([...rounds.keys()].sort(), [1, 2, 3]);
  assert(rounds.get(1) as number > (rounds.get(2) as number));
  const killed = countBy(
    cases,
    ({ schedule }) => (schedule[0]?.plan as { nodes: string[] }).nodes.length,
  );
  assertEquals([...killed.keys()].sort(), [1, 2, 3, 4], "not all");
  const down = cases.map(({ schedule }) => (schedule[1]?.at ?? 0) - (schedule[0]?.at ?? 0));
  assert(Math.min(...down) === 0 && Math.max(...down) >= 1000, "from no time to seconds");
  const resumed = cases.map(({ schedule, clients }) =>
    (clients?.quiet?.toMs ?? 0) - (schedule.at(-1)?.at ?? 0)
  );
  assert(Math.min(...resumed) === 0 && Math.max(...resumed) >= 5000);
  for (const { clients, schedule, options } of cases) {
    const { fromMs, toMs } = clients?.quiet as { fromMs: number; toMs: number };
    assert(fromMs >= 0.2 * 20_000 && fromMs <= 0.8 * 20_000, `${fromMs}`);
    assertEquals(options.timeLimitSeconds, 20 + (toMs - fromMs) / 1000);
    assert(schedule.every(({ at }) => at > fromMs + 5000 && at <= toMs));
  }
});
