import { assert, assertEquals, assertThrows } from "std/testing";
import { FAULT_NAMES } from "../../../lib/workbench/fault/mod.ts";
import { toSchedule } from "../../../lib/workbench/schedule_file.ts";
import { drawCase, type SwarmRequest } from "../../../lib/workbench/explore/swarm.ts";
import { decodeCase, encodeCase } from "../../../lib/workbench/explore/test_case.ts";
import { findWorkload, nodeIds, type Workload, WORKLOADS } from "../../../lib/workload/mod.ts";

function request(workload: string, more: Partial<SwarmRequest> = {}): SwarmRequest {
  return {
    workload: findWorkload(workload) as Workload,
    bin: "node.ts",
    args: [],
    faults: FAULT_NAMES,
    pinned: workload === "txn-rw-register" ? { consistencyModels: ["read-committed"] } : {},
    ...more,
  };
}

const seeds = Array.from({ length: 60 }, (_, seed) => String(seed));

Deno.test("one seed draws one case, and another seed another", () => {
  assertEquals(drawCase(request("broadcast"), "7"), drawCase(request("broadcast"), "7"));
  const cases = new Set(seeds.map((seed) => JSON.stringify(drawCase(request("broadcast"), seed))));
  assertEquals(cases.size, seeds.length);
});

Deno.test("every case of every workload is one that the workload accepts and text can hold", () => {
  for (const workload of WORKLOADS) {
    for (const seed of seeds) {
      const drawn = drawCase(request(workload.name), seed);
      assertEquals(workload.problem?.(drawn.options), undefined, `${workload.name} ${seed}`);
      assertEquals(toSchedule(drawn.schedule, drawn.options.nodes), drawn.schedule);
      const file = { case: drawn, failure: ["workload: lost"] };
      assertEquals(decodeCase(encodeCase(file)), file);
    }
  }
});

Deno.test("each fault is drawn in some cases and switched off altogether in others", () => {
  const cases = seeds.map((seed) => drawCase(request("broadcast"), seed));
  for (const fault of FAULT_NAMES) {
    const on = cases.filter(({ options }) => options.nemesis.includes(fault)).length;
    assert(on > 15 && on < 45, `${fault} is on in ${on} of 60 cases`);
  }
  const quiet = cases.filter(({ schedule }) => schedule.length === 0).length;
  assert(quiet > 0 && quiet < 20, `${quiet} of 60 have no fault`);
});

Deno.test("only faults that are allowed are drawn", () => {
  for (const seed of seeds) {
    const { options } = drawCase(request("broadcast", { faults: ["loss", "slow"] }), seed);
    assert(options.nemesis.every((fault) => fault === "loss" || fault === "slow"));
    assertEquals(drawCase(request("broadcast", { faults: [] }), seed).schedule, []);
  }
});

Deno.test("parameters differ: sizes, rates, latencies, topologies, delivery", () => {
  const cases = seeds.map((seed) => drawCase(request("broadcast"), seed));
  const differing = (look: (options: (typeof cases)[number]) => unknown, least: number) => {
    const seen = new Set(cases.map(look).map((value) => JSON.stringify(value)));
    assert(seen.size >= least, [...seen].join(" "));
  };
  differing(({ options }) => options.nodes.length, 5);
  differing(({ options }) => options.concurrency, 8);
  differing(({ options }) => options.timeLimit, 5);
  differing(({ options }) => options.rate, 30);
  differing(({ options }) => options.latency, 10);
  differing(({ options }) => options.topology, 6);
  differing(({ serialDelivery }) => serialDelivery, 2);
});

Deno.test("what is pinned is as it is given, and nothing else is drawn differently", () => {
  for (const seed of seeds) {
    const free = drawCase(request("lin-kv"), seed).options;
    const pinned = drawCase(request("lin-kv", { pinned: { topology: "total" } }), seed).options;
    assertEquals(pinned, { ...free, topology: "total" });
    const three = drawCase(request("lin-kv", { pinned: { nodes: nodeIds(3) } }), seed).options;
    assertEquals(three.nodes, ["n0", "n1", "n2"]);
    assertEquals(three.concurrency % 6, 0);
    assertEquals(three.rate, free.rate);
  }
});

Deno.test("what the workload refuses in every case is refused", () => {
  const pinned = { topology: "moebius" };
  assertThrows(() => drawCase(request("broadcast", { pinned }), "0"), RangeError, "moebius");
});
