import { assertEquals } from "std/testing";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";
import { announcedCoveragePoints } from "../../../lib/workbench/explore/announced_coverage_points.ts";
import { Coverage, expectedCoveragePoints } from "../../../lib/workbench/explore/coverage.ts";
import { Exploration } from "../../../lib/workbench/explore/exploration.ts";
import type { SeedReport } from "../../../lib/workbench/explore/explore_seed.ts";

function message(type: "send" | "recv", id: number, src: string, dest: string, body: unknown) {
  return { type, id, time: 0, message: { src, dest, body } };
}

Deno.test("the marks of nodes are counted by name", () => {
  const coverage = new Coverage();
  coverage.reached("a retry fired");
  coverage.reached("a retry fired");
  assertEquals(coverage.counts, { "nodes: a retry fired": 2 });
});

Deno.test("a kill counts separately when requests are in flight", () => {
  const coverage = new Coverage();
  const kill = () => coverage.onFaultEffect("kill", "a process was killed", "n0");
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

Deno.test("a request that arrives while a node is down is not in flight at the next kill", () => {
  const coverage = new Coverage();
  coverage.onFaultEffect("kill", "a process was killed", "n0");
  coverage.journal(message("recv", 0, "c1", "n0", { type: "read", msg_id: 1 }));
  coverage.onFaultEffect("kill", "a process was restarted", "n0");
  coverage.onFaultEffect("kill", "a process was killed", "n0");
  assertEquals(coverage.counts["kill: a process was killed with requests in flight"], undefined);
});

Deno.test("a repeated request counts as a retransmission, except after a restart", () => {
  const coverage = new Coverage();
  const sendRequest = (dest: string, msg_id: number) =>
    coverage.journal(message("send", 0, "n0", dest, { type: "gossip", msg_id }));
  sendRequest("n1", 1);
  sendRequest("n2", 1);
  sendRequest("n1", 2);
  coverage.journal(message("send", 0, "n0", "n1", { type: "gossip_ok", in_reply_to: 1 }));
  coverage.journal(message("send", 0, "n0", "n1", { type: "gossip_ok", in_reply_to: 1 }));
  assertEquals(coverage.counts, {}, "the requests differ");
  sendRequest("n1", 2);
  sendRequest("n1", 2);
  assertEquals(coverage.counts, { "network: a request was retransmitted": 2 });
  coverage.onFaultEffect("kill", "a process was killed", "n0");
  sendRequest("n1", 2);
  assertEquals(coverage.counts["network: a request was retransmitted"], 2);
});

Deno.test("a loss of power counts as a kill with its requests in flight, other faults do not", () => {
  for (
    const [fault, effect, isKill] of [
      ["disk", "a machine lost power", true],
      ["disk", "a machine was restarted", false],
      ["loss", "a message was lost", false],
    ] as const
  ) {
    const coverage = new Coverage();
    const request = (id: number) =>
      coverage.journal(message("send", id, "n0", "n1", { type: "gossip", msg_id: 9 }));
    request(0);
    coverage.journal(message("recv", 1, "c1", "n0", { type: "read", msg_id: 1 }));
    coverage.onFaultEffect(fault, effect, "n0");
    request(2);
    const { counts } = coverage;
    assertEquals(
      counts["kill: a process was killed with requests in flight"],
      isKill ? 1 : undefined,
    );
    const isOld = fault === "loss";
    assertEquals(counts["network: a request was retransmitted"], isOld ? 1 : undefined);
  }
});

Deno.test("a message that overtakes another one on its link is counted", () => {
  const coverage = new Coverage();
  for (const [id, src] of [[0, "n1"], [4, "n1"], [3, "n2"], [2, "n1"], [5, "n1"]] as const) {
    coverage.journal(message("recv", id, src, "n0", { type: "gossip" }));
  }
  assertEquals(coverage.counts, { "network: a message overtook another": 1 });
});

Deno.test("operations count as under a fault only while a fault is active", () => {
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
    "clients: an operation succeeded while a fault was active": 1,
    "clients: an operation failed": 1,
    "clients: an operation was indeterminate": 1,
  });
});

Deno.test("expectedCoveragePoints lists the effects of each fault", () => {
  assertEquals(expectedCoveragePoints(["loss", "kill"]), [
    "loss: a message was lost",
    "kill: a process was killed",
    "kill: a process was restarted",
    "kill: a process was killed with requests in flight",
    "clients: an operation succeeded while a fault was active",
  ]);
  assertEquals(expectedCoveragePoints([]), []);
  const kills = ["kill: a process was killed", "kill: a process was restarted"];
  assertEquals(expectedCoveragePoints(["restart-reader", "restart-settled"]), kills);
  assertEquals(expectedCoveragePoints(["restart-settled", "loss"]), [
    "loss: a message was lost",
    ...kills,
    "clients: an operation succeeded while a fault was active",
  ]);
});

Deno.test("announcedCoveragePoints finds the points of a module and its relative imports", () => {
  const sources: Record<string, string> = {
    "file:///nodes/raft.ts": `
      import { elect } from "../lib/raft.ts";
      import { parseArgs } from "std/flags";
      import { gone } from "./gone.ts";
      node.sometimes("a snapshot was sent");
      node.sometimes(\`\${what}\`);`,
    "file:///lib/raft.ts": `
      import type { Node } from "../nodes/raft.ts";
      out.sometimes('the leader changed');`,
  };
  const read = (url: URL) => sources[url.href];
  assertEquals(announcedCoveragePoints(new URL("file:///nodes/raft.ts"), read), [
    "a snapshot was sent",
    "the leader changed",
  ]);
});

Deno.test("an exploration totals coverage, failures and undecided seeds over its reports", () => {
  const report = (seed: number, more: Partial<SeedReport>): SeedReport => ({
    seed,
    valid: true,
    failure: [],
    signature: [],
    coverage: {},
    faults: [],
    operations: 10,
    messages: 100,
    elapsedMs: 1000,
    ...more,
  });
  const exploration = new Exploration(["a: expected", "b: missed"]);
  const lost = { valid: false, failure: ["workload: lost"] } as const;
  exploration.add(report(9, { ...lost, signature: ["n0 never showed 1"] }));
  exploration.add(report(2, { coverage: { "a: expected": 3, "c: surprise": 1 } }));
  exploration.add(report(4, { valid: "unknown", coverage: { "a: expected": 1 } }));
  exploration.add(report(3, { ...lost, signature: ["n1 never showed 7"] }));
  exploration.add(report(5, { valid: false, failure: ["liveness: not-live"] }));
  assertEquals(exploration.coveragePoints, [
    { name: "a: expected", seeds: 2, times: 4 },
    { name: "b: missed", seeds: 0, times: 0 },
    { name: "c: surprise", seeds: 1, times: 1 },
  ]);
  assertEquals(exploration.failures, [
    { failure: ["workload: lost"], signature: ["n1 never showed 7"], seed: 3, seeds: 2 },
    { failure: ["liveness: not-live"], signature: [], seed: 5, seeds: 1 },
  ]);
  assertEquals(exploration.undecided, [4]);
  assertEquals(exploration.totals, { seeds: 5, operations: 50, messages: 500, elapsedMs: 5000 });
});
