import { assertEquals } from "std/testing";
import { ReplicatedLogs } from "../../../lib/protocol/log/raft.ts";
import { expectValid, simulate } from "../../../lib/workbench/mod.ts";
import { kafka as workload } from "../../../lib/workload/kafka.ts";
import program from "../../../nodes/kafka.ts";
import { assertSurvivesRestartOfAll } from "../../support/restart_of_all.ts";
import { explore, FAULTS } from "../txn/explore_case.ts";

const MAX_PER_KEY = 2;

function withEntries(): ReplicatedLogs {
  const logs = new ReplicatedLogs(MAX_PER_KEY);
  const offsets = ["a", "b", "a", "a"].map((key, message) => logs.apply({ key, message }));
  assertEquals(offsets, [0, 0, 1, 2]);
  return logs;
}

Deno.test("ReplicatedLogs assigns offsets without gaps, and polls within the limit", () => {
  const logs = withEntries();
  assertEquals(logs.query({ poll: { a: 1, c: 0 } }), { a: [[1, 2], [2, 3]] });
  assertEquals(logs.query({ poll: { a: 0 } }), { a: [[0, 0], [1, 2]] });
});

Deno.test("ReplicatedLogs never lowers a committed offset", () => {
  const logs = withEntries();
  logs.apply({ commit: { a: 2, b: 0 } });
  logs.apply({ commit: { a: 1 } });
  assertEquals(logs.query({ committed: ["a", "b", "c"] }), { a: 2, b: 0 });
});

Deno.test("ReplicatedLogs restores a snapshot, whatever it held before", () => {
  const logs = withEntries();
  logs.apply({ commit: { a: 1 } });
  const snapshot = logs.snapshot();
  logs.apply({ key: "a", message: 9 });
  const restored = new ReplicatedLogs(MAX_PER_KEY);
  restored.apply({ key: "c", message: 1 });
  restored.apply({ commit: { c: 0 } });
  restored.restore(JSON.parse(JSON.stringify(snapshot)));
  assertEquals(restored.query({ poll: { a: 1 } }), { a: [[1, 2], [2, 3]] });
  assertEquals(restored.query({ poll: { c: 0 } }), {});
  assertEquals(restored.query({ committed: ["a", "c"] }), { a: 1 });
  assertEquals(restored.apply({ key: "a", message: 5 }), 3);
});

Deno.test("raft loses, skips and repeats nothing under every fault, kill included", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const faults = [...FAULTS, "kill", "disk"];
    const exploring = { program, workload, models: [], strategy: "raft", faults };
    assertEquals((await explore(exploring, seed)).failure, [], `seed ${seed}`);
  }
});

Deno.test("raft keeps what it acknowledged when all nodes restart", () =>
  assertSurvivesRestartOfAll(program, workload, {
    args: ["--strategy", "raft"],
    ratePerSecond: 500,
  }));

Deno.test("a poll at one node returns what another node has acknowledged", async () => {
  const run = await simulate(program, workload, {
    args: ["--strategy", "raft"],
    nodes: 3,
    concurrency: 3,
    ratePerSecond: 100,
    timeLimitSeconds: 5,
    latency: { meanMs: 2, distribution: "constant" },
  });
  expectValid(run);
  assertEquals(run.verdict["worst-realtime-lag"]?.lag, 0);
});
