import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { FAULT_NAMES } from "../../../lib/workbench/fault/mod.ts";
import { describeSize } from "../../../lib/workbench/explore/case_size.ts";
import { toSchedule } from "../../../lib/workbench/schedule_file.ts";
import { generateCase, type SwarmConfig } from "../../../lib/workbench/explore/swarm.ts";
import { decodeCase, encodeCase } from "../../../lib/workbench/explore/test_case.ts";
import { findWorkload, nodeIds, type Workload, WORKLOADS } from "../../../lib/workload/mod.ts";

function configOf(workload: string, more: Partial<SwarmConfig> = {}): SwarmConfig {
  return {
    workload: findWorkload(workload) as Workload,
    bin: "node.ts",
    args: [],
    faults: FAULT_NAMES,
    fixedOptions: workload === "txn-rw-register" ? { consistencyModels: ["read-committed"] } : {},
    ...more,
  };
}

const seeds = Array.from({ length: 60 }, (_, seed) => String(seed));

Deno.test("generateCase is deterministic, and different seeds give different cases", () => {
  assertEquals(generateCase(configOf("broadcast"), "7"), generateCase(configOf("broadcast"), "7"));
  const cases = new Set(
    seeds.map((seed) => JSON.stringify(generateCase(configOf("broadcast"), seed))),
  );
  assertEquals(cases.size, seeds.length);
});

Deno.test("every workload accepts its generated cases, and they survive a round trip through a file", () => {
  for (const workload of WORKLOADS) {
    for (const seed of seeds) {
      const generated = generateCase(configOf(workload.name), seed);
      assertEquals(workload.problem?.(generated.options), undefined, `${workload.name} ${seed}`);
      assertEquals(toSchedule(generated.schedule, generated.options.nodes), generated.schedule);
      const file = { case: generated, failure: ["workload: lost"] };
      assertEquals(decodeCase(encodeCase(file)), file);
    }
  }
});

Deno.test("each fault is enabled in about a third of the cases", () => {
  const cases = seeds.map((seed) => generateCase(configOf("broadcast"), seed));
  for (const fault of FAULT_NAMES) {
    const enabled = cases.filter(({ options }) => options.nemesis.includes(fault)).length;
    assert(enabled > 10 && enabled < 40, `${fault} is enabled in ${enabled} of 60 cases`);
  }
  const faultless = cases.filter(({ schedule }) => schedule.length === 0).length;
  assert(faultless > 0 && faultless < 20, `${faultless} of 60 cases have no fault`);
});

Deno.test("generateCase uses only the given faults", () => {
  for (const seed of seeds) {
    const { options } = generateCase(configOf("broadcast", { faults: ["loss", "slow"] }), seed);
    assert(options.nemesis.every((fault) => fault === "loss" || fault === "slow"));
    assertEquals(generateCase(configOf("broadcast", { faults: [] }), seed).schedule, []);
  }
});

Deno.test("sizes, rates, latencies, topologies and delivery vary between cases", () => {
  const cases = seeds.map((seed) => generateCase(configOf("broadcast"), seed));
  const assertVaries = (select: (testCase: (typeof cases)[number]) => unknown, min: number) => {
    const values = new Set(cases.map(select).map((value) => JSON.stringify(value)));
    assert(values.size >= min, [...values].join(" "));
  };
  assertVaries(({ options }) => options.nodes.length, 5);
  assertVaries(({ options }) => options.concurrency, 8);
  assertVaries(({ options }) => options.timeLimitSeconds, 5);
  assertVaries(({ options }) => options.ratePerSecond, 30);
  assertVaries(({ options }) => options.latency, 10);
  assertVaries(({ options }) => options.topology, 6);
  assertVaries(({ serialDelivery }) => serialDelivery, 2);
});

Deno.test("bursts have enough workers for large batches, and stop at their number of operations", () => {
  const many = Array.from({ length: 400 }, (_, seed) => String(seed));
  const cases = many.map((seed) => generateCase(configOf("kafka"), seed));
  const bursts = cases.filter(({ mostOperations }) => mostOperations !== undefined);
  assert(bursts.length > 5 && bursts.length < 40, `${bursts.length} of 400 cases are bursts`);
  for (const { options: { nodes, concurrency } } of bursts) {
    assert([8, 16, 32].includes(concurrency / nodes.length), `${concurrency} workers`);
  }
});

Deno.test("fixing an option does not change the other options", () => {
  for (const seed of seeds) {
    const free = generateCase(configOf("lin-kv"), seed).options;
    const fixed =
      generateCase(configOf("lin-kv", { fixedOptions: { topology: "total" } }), seed).options;
    assertEquals(fixed, { ...free, topology: "total" });
    const three =
      generateCase(configOf("lin-kv", { fixedOptions: { nodes: nodeIds(3) } }), seed).options;
    assertEquals(three.nodes, ["n0", "n1", "n2"]);
    assertEquals(three.concurrency % 6, 0);
    assertEquals(three.ratePerSecond, free.ratePerSecond);
  }
});

Deno.test("generateCase throws when the workload rejects a fixed option", () => {
  const fixedOptions = { topology: "moebius" };
  assertThrows(
    () => generateCase(configOf("broadcast", { fixedOptions }), "0"),
    RangeError,
    "moebius",
  );
});

Deno.test("the size of a case names the operations before the final phase", () => {
  const testCase = generateCase(configOf("broadcast"), "7");
  const sizeOf = (mostOperations: number) => describeSize({ ...testCase, mostOperations });
  assertStringIncludes(sizeOf(0), " · 0 operations before the final phase · ");
  assertStringIncludes(sizeOf(1), " · at most 1 operation · ");
});
