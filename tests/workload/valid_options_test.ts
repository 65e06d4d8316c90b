import { assertEquals, assertThrows } from "std/testing";
import {
  completeOptions,
  DEFAULT_OPTIONS,
  type GivenOptions,
  InvalidOptionsError,
  optionsProblem,
  WORKLOADS,
  workloads,
} from "../../lib/workload/mod.ts";

function rejects(given: GivenOptions, message: string): void {
  assertThrows(() => completeOptions(workloads.echo, given), InvalidOptionsError, message);
}

Deno.test("workloads are exported by name", () => {
  assertEquals(workloads.gSet.name, "g-set");
  assertEquals(WORKLOADS, Object.values(workloads));
});

Deno.test("completeOptions uses Maelstrom's defaults and one worker a node", () => {
  assertEquals(completeOptions(workloads.echo, {}), { ...DEFAULT_OPTIONS, workload: "echo" });
  const { nodes, concurrency } = completeOptions(workloads.echo, { nodes: 2 });
  assertEquals([nodes, concurrency], [["n0", "n1"], 2]);
});

Deno.test("completeOptions uses the workload's own defaults, which given options override", () => {
  assertEquals(completeOptions(workloads.linKv, { nodes: 3 }).concurrency, 6);
  assertEquals(completeOptions(workloads.linKv, { nodes: 3, concurrency: 12 }).concurrency, 12);
});

Deno.test("every workload has valid default options for one to thirty nodes", () => {
  for (const workload of WORKLOADS) {
    for (let nodes = 1; nodes <= 30; nodes++) {
      assertEquals(completeOptions(workload, { nodes }).workload, workload.name);
    }
  }
});

Deno.test("Maelstrom's default concurrency is invalid for lin-kv", () => {
  assertEquals(
    optionsProblem(workloads.linKv, DEFAULT_OPTIONS),
    "concurrency must be a multiple of 10 for lin-kv on 5 nodes (two workers a node for each " +
      "key), got 5; use 10 (--concurrency 2n)",
  );
});

Deno.test("node ids must be different, not empty and not those of clients or services", () => {
  rejects({ nodes: [] }, "nodes must have at least one id");
  rejects({ nodes: 0 }, "nodes must be an integer from 1, got 0");
  rejects({ nodes: ["a", "b", "a"] }, 'nodes must have different ids, got "a" twice');
  for (const id of ["", "c1", "lin-kv"]) {
    rejects({ nodes: ["n0", id] }, `got "${id}"`);
  }
});

Deno.test("an option that is undefined has its default, and so has a part of the latency", () => {
  const options = completeOptions(workloads.echo, {
    keyCount: undefined,
    topology: undefined,
    latency: { meanMs: 20 },
  });
  assertEquals(options.topology, "grid");
  assertEquals(options.latency, { meanMs: 20, distribution: "constant" });
  assertEquals("keyCount" in options, false);
});

Deno.test("unknown options and names are rejected with the valid ones", () => {
  rejects({ rate: 5 } as GivenOptions, 'unknown option "rate"; did you mean ratePerSecond?');
  rejects({ topologie: "line" } as GivenOptions, "did you mean topology?");
  rejects({ colour: "red" } as GivenOptions, "choose from nodes, concurrency");
  rejects({ topology: "star" }, 'unknown topology "star"; choose one of line, grid');
});

Deno.test("numbers out of range are rejected with the option, the range and the value", () => {
  rejects({ concurrency: 0 }, "concurrency must be an integer from 1, got 0");
  rejects({ concurrency: 1.5 }, "concurrency must be an integer from 1, got 1.5");
  rejects({ timeLimitSeconds: -1 }, "timeLimitSeconds must be a number from 0, got -1");
  rejects({ ratePerSecond: NaN }, "ratePerSecond must be a number from 0, got NaN");
  rejects(
    { latency: { meanMs: -1, distribution: "constant" } },
    "latency.meanMs must be a number from 0, got -1",
  );
  rejects(
    { nemesisIntervalSeconds: 0 },
    "nemesisIntervalSeconds must be a number greater than 0, got 0",
  );
  rejects({ keyCount: 0 }, "keyCount must be an integer from 1, got 0");
  rejects({ maxTxnLength: 0 }, "maxTxnLength must be an integer from 1, got 0");
  rejects({ maxWritesPerKey: 0 }, "maxWritesPerKey must be an integer from 1, got 0");
  rejects({ availability: 2 }, 'availability must be "total" or a number from 0 to 1, got 2');
});
