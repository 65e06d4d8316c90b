import { assertEquals } from "std/testing";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";
import { announcedFeatures } from "../../../lib/workbench/explore/announced_features.ts";
import { Coverage, expectedFeatures } from "../../../lib/workbench/explore/coverage.ts";
import { Exploration } from "../../../lib/workbench/explore/exploration.ts";
import type { SeedReport } from "../../../lib/workbench/explore/explore_seed.ts";

function message(type: "send" | "recv", id: number, src: string, dest: string, body: unknown) {
  return { type, id, time: 0, message: { src, dest, body } };
}

Deno.test("what nodes say of themselves is counted by name, and other lines are not", () => {
  const coverage = new Coverage();
  coverage.log("sometimes: a retry fired");
  coverage.log("sometimes:   a retry fired  ");
  coverage.log("a retry sometimes: fired");
  coverage.log("all is well");
  assertEquals(coverage.counts, { "nodes: a retry fired": 2 });
});

Deno.test("a kill is told from one that caught requests in flight", () => {
  const coverage = new Coverage();
  const kill = () => coverage.happened("kill", "a process was killed", "n0");
  kill();
  coverage.journal(message("recv", 0, "c1", "n0", { type: "read", msg_id: 1 }));
  coverage.journal(message("send", 1, "n0", "c1", { type: "read_ok", in_reply_to: 1 }));
  kill();
  coverage.journal(message("recv", 2, "c1", "n0", { type: "read", msg_id: 2 }));
  coverage.journal(message("recv", 3, "c1", "n1", { type: "read", msg_id: 3 }));
  kill();
  kill();
  assertEquals(coverage.counts, {
    "kill: a process was killed": 4,
    "kill: a process was killed with requests in flight": 1,
  });
});

Deno.test("a request that came while a node was down was not in flight when it was killed", () => {
  const coverage = new Coverage();
  coverage.happened("kill", "a process was killed", "n0");
  coverage.journal(message("recv", 0, "c1", "n0", { type: "read", msg_id: 1 }));
  coverage.happened("kill", "a process was restarted", "n0");
  coverage.happened("kill", "a process was killed", "n0");
  assertEquals(coverage.counts["kill: a process was killed with requests in flight"], undefined);
});

Deno.test("a request that is sent again is noticed, and one of a new life is another", () => {
  const coverage = new Coverage();
  const ask = (dest: string, msg_id: number) =>
    coverage.journal(message("send", 0, "n0", dest, { type: "gossip", msg_id }));
  ask("n1", 1);
  ask("n2", 1);
  ask("n1", 2);
  coverage.journal(message("send", 0, "n0", "n1", { type: "gossip_ok", in_reply_to: 1 }));
  coverage.journal(message("send", 0, "n0", "n1", { type: "gossip_ok", in_reply_to: 1 }));
  assertEquals(coverage.counts, {}, "all are different");
  ask("n1", 2);
  ask("n1", 2);
  assertEquals(coverage.counts, { "network: a request was sent again": 2 });
  coverage.happened("kill", "a process was killed", "n0");
  ask("n1", 2);
  assertEquals(coverage.counts["network: a request was sent again"], 2);
});

Deno.test("a message that overtakes another of its link is noticed", () => {
  const coverage = new Coverage();
  for (const [id, src] of [[0, "n1"], [4, "n1"], [3, "n2"], [2, "n1"], [5, "n1"]] as const) {
    coverage.journal(message("recv", id, src, "n0", { type: "gossip" }));
  }
  assertEquals(coverage.counts, { "network: a message overtook another": 1 });
});

Deno.test("operations count as under a fault only while one is in force", () => {
  const history = ([
    ["nemesis", "info", "start-loss"],
    [0, "invoke", "add"],
    [0, "ok", "add"],
    [0, "invoke", "add"],
    [1, "invoke", "read"],
    ["nemesis", "info", "stop-loss"],
    [0, "ok", "add"],
    [1, "fail", "read"],
    [0, "invoke", "add"],
    [0, "info", "add"],
  ] as const).map(([process, type, f], index): Operation => ({
    index,
    process,
    f,
    type: type as OperationType,
    time: index,
    value: null,
  }));
  const coverage = new Coverage();
  coverage.history(history);
  assertEquals(coverage.counts, {
    "clients: an operation succeeded while a fault was in force": 1,
    "clients: an operation was refused": 1,
    "clients: the outcome of an operation is unknown": 1,
  });
});

Deno.test("every allowed fault is expected to have an effect", () => {
  assertEquals(expectedFeatures(["loss", "kill"]), [
    "loss: a message was lost",
    "kill: a process was killed",
    "kill: a process was restarted",
    "kill: a process was killed with requests in flight",
    "clients: an operation succeeded while a fault was in force",
  ]);
  assertEquals(expectedFeatures([]), []);
});

Deno.test("features that a node announces are found in its module and in what it imports", () => {
  const sources: Record<string, string> = {
    "file:///nodes/raft.ts": `
      import { elect } from "../lib/raft.ts";
      import { parseArgs } from "std/flags";
      import { gone } from "./gone.ts";
      node.log("sometimes: a snapshot was sent");
      node.log(\`sometimes: \${what}\`);`,
    "file:///lib/raft.ts": `
      import type { Node } from "../nodes/raft.ts";
      node.log('sometimes: the leader changed');`,
  };
  const read = (url: URL) => sources[url.href];
  assertEquals(announcedFeatures(new URL("file:///nodes/raft.ts"), read), [
    "a snapshot was sent",
    "the leader changed",
  ]);
});

Deno.test("an exploration says of each feature how many seeds reached it, and which were missed", () => {
  const report = (seed: number, more: Partial<SeedReport>): SeedReport => ({
    seed,
    valid: true,
    failure: [],
    features: {},
    faults: [],
    operations: 10,
    messages: 100,
    elapsed: 1000,
    ...more,
  });
  const exploration = new Exploration(["a: expected", "b: missed"]);
  exploration.add(report(9, { valid: false, failure: ["workload: lost"] }));
  exploration.add(report(2, { features: { "a: expected": 3, "c: surprise": 1 } }));
  exploration.add(report(4, { valid: "unknown", features: { "a: expected": 1 } }));
  exploration.add(report(3, { valid: false, failure: ["workload: lost"] }));
  exploration.add(report(5, { valid: false, failure: ["liveness: not-live"] }));
  assertEquals(exploration.features, [
    { name: "a: expected", seeds: 2, times: 4 },
    { name: "b: missed", seeds: 0, times: 0 },
    { name: "c: surprise", seeds: 1, times: 1 },
  ]);
  assertEquals(exploration.failures, [
    { failure: ["workload: lost"], seed: 3, seeds: 2 },
    { failure: ["liveness: not-live"], seed: 5, seeds: 1 },
  ]);
  assertEquals(exploration.undecided, [4]);
  assertEquals(exploration.totals, { seeds: 5, operations: 50, messages: 500, elapsed: 5000 });
});
