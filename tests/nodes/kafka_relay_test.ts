/**
 * The kafka node under partitions that stay until the end, in which a path of working links leads
 * from each node to each other one.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { runCase } from "../../lib/workbench/explore/run_case.ts";
import { simEngineFactory } from "../../lib/workbench/explore/sim_engine_factory.ts";
import { type TestCase, withSchedule } from "../../lib/workbench/explore/test_case.ts";
import { DEFAULT_OPTIONS, nodeIds, type TestOptions } from "../../lib/workload/mod.ts";
import kafka from "../../nodes/kafka.ts";

/** An event of the nemesis. */
interface Event {
  readonly at: number;
  readonly f: string;
  readonly plan: unknown;
}

/** The links between these nodes are broken, and stay so. */
function breakLinks(at: number, links: readonly (readonly [string, string])[]): Event {
  const plan: Record<string, string[]> = {};
  for (const [from, to] of [...links, ...links.map(([from, to]) => [to, from] as const)]) {
    (plan[from] ??= []).push(to);
  }
  return { at, f: "start-partial-partition", plan };
}

/** Runs a case; returns what is wrong in the end. */
async function failureOf(
  args: readonly string[],
  options: Partial<TestOptions>,
  schedule: readonly Event[],
  more: Partial<TestCase> = {},
): Promise<readonly string[]> {
  const events = schedule.map((event) => ({ ...event, value: null, plan: event.plan as null }));
  const testCase = withSchedule({
    bin: "",
    args,
    schedule: [],
    serialDelivery: true,
    agreement: true,
    options: { ...DEFAULT_OPTIONS, workload: "kafka", ...options },
    ...more,
  }, events);
  return (await runCase(testCase, simEngineFactory(kafka))).failure;
}

Deno.test("a restarted node gets its past over peers that restarted, too", async () => {
  const broken = breakLinks(0, [["n2", "n3"], ["n2", "n4"]]);
  const schedule = [
    // So n3 and n4 are the last that get batches of n2.
    { ...broken, f: "start-partition" },
    { at: 0, f: "start-slow", plan: { nodes: ["n3", "n4"], longer: 50 } },
    { at: 185, f: "stop-partition", plan: null },
    { ...broken, at: 770 },
    { at: 781, f: "stop-slow", plan: null },
    { at: 45_781, f: "start-kill", plan: { nodes: ["n0", "n1", "n2"] } },
  ];
  const options = {
    nodes: nodeIds(5),
    concurrency: 20,
    timeLimitSeconds: 47.6,
    ratePerSecond: 13,
    latency: { meanMs: 100, distribution: "constant" },
    keyCount: 5,
    maxWritesPerKey: 16,
    seed: "142/0",
  } as const;
  const clients = { quiet: { fromMs: 781, toMs: 46_381 } };
  const more = { serialDelivery: false, mostOperations: 10, clients };
  assertEquals(await failureOf([], options, schedule, more), []);
});

Deno.test("owner: entries reach nodes that have no link to most others", async () => {
  const nodes = nodeIds(25);
  const outer = nodes.filter((_, index) => index === 1 || index >= 14);
  const links = outer.flatMap((from, index) =>
    outer.slice(index + 1).map((to) => [from, to] as const)
  );
  for (const seed of ["3", "4"]) {
    const options = {
      nodes,
      concurrency: 25,
      timeLimitSeconds: 1,
      ratePerSecond: 10,
      latency: { meanMs: 100, distribution: "exponential" },
      keyCount: 1,
      seed,
    } as const;
    const failure = await failureOf(["--strategy", "owner"], options, [breakLinks(900, links)]);
    assertEquals(failure, [], `seed ${seed}`);
  }
});
