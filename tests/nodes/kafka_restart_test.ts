import { assert, assertEquals } from "std/testing";
import type { Json } from "../../lib/base/mod.ts";
import type { SimulationResult } from "../../lib/workbench/mod.ts";
import { contract, type NodeFunction, parseNodeFlags, serveContract } from "../../lib/node/mod.ts";
import { logFlags, logHandlers, logSettings, OwnerLog } from "../../lib/protocol/log/mod.ts";
import { lamport, LamportLog } from "../../nodes/kafka.ts";
import { faultsFound, nodeOf, run } from "../protocol/log/scenarios.ts";

/** A node is killed and restarted while it cannot reach the others. */
function cutRestart(seed: number) {
  const nodes = ["n0", "n1", "n2"].slice(0, 2 + seed % 2);
  const others = nodes.slice(1);
  const plan = { n0: others, ...Object.fromEntries(others.map((node) => [node, ["n0"]])) };
  return {
    nodes,
    concurrency: 2 * nodes.length,
    timeLimitSeconds: 12,
    ratePerSecond: 30,
    // The keys are in use before and after the restart.
    keyCount: 5,
    maxWritesPerKey: 256,
    schedule: [
      { at: 3000, f: "start-partition", value: "n0", plan },
      { at: 3300 + 40 * seed, f: "start-kill", value: "n0", plan: { nodes: ["n0"] } },
      { at: 3800 + 40 * seed, f: "stop-kill", value: null, plan: null },
      { at: 8000, f: "stop-partition", value: null, plan: null },
    ],
  };
}

/** The final polls begin after this. */
const FINAL_SECONDS = 13;

/** By node, what polls have returned since a time: for each key and offset, the messages. */
function polled({ journal }: SimulationResult, fromSeconds: number) {
  const byNode = new Map<string, Map<string, Set<string>>>();
  for (const { type, time, message: { src, body } } of journal) {
    if (
      type !== "send" || time < fromSeconds * 1e9 || (body as { type?: string }).type !== "poll_ok"
    ) continue;
    const { msgs } = body as unknown as { msgs: Record<string, [number, Json][]> };
    const entries = byNode.get(src) ?? new Map<string, Set<string>>();
    byNode.set(src, entries);
    for (const [key, list] of Object.entries(msgs)) {
      for (const [offset, message] of list) {
        const name = `${key}/${offset}`;
        entries.set(name, (entries.get(name) ?? new Set()).add(JSON.stringify(message)));
      }
    }
  }
  return byNode;
}

/** Returns what is wrong: offsets with two messages, or sends that are not at all nodes. */
function problems(ran: SimulationResult, mayLose: (node: string, key: string) => boolean) {
  const found: string[] = [];
  const byNode = polled(ran, FINAL_SECONDS);
  const all = new Map<string, Set<string>>();
  for (const entries of polled(ran, 0).values()) {
    for (const [name, messages] of entries) {
      all.set(name, new Set([...all.get(name) ?? [], ...messages]));
    }
  }
  for (const [name, messages] of all) {
    if (messages.size > 1) found.push(`two messages at ${name}: ${[...messages].join(", ")}`);
  }
  const acknowledged = new Map<string, Json>();
  for (const operation of ran.history) {
    if (operation.type !== "ok" || operation.f !== "send") continue;
    const [[, key, [offset, message]]] = operation.value as unknown as [
      [string, string, [number, Json]],
    ];
    const name = `${key}/${offset}`;
    const first = acknowledged.get(name);
    if (first !== undefined) found.push(`sent ${first} and ${message} at ${name}`);
    acknowledged.set(name, message);
    const other = [...all.get(name) ?? []].find((polled) => polled !== JSON.stringify(message));
    if (other !== undefined) found.push(`sent ${message} at ${name}, polled ${other}`);
    if (mayLose(nodeOf(ran, operation), key)) continue;
    for (const [node, entries] of byNode) {
      if (!entries.has(name)) found.push(`${node} lacks ${name}`);
    }
  }
  const sizes = new Set([...byNode.values()].map((entries) => entries.size));
  if (sizes.size > 1) found.push(`the nodes have ${[...sizes].join(" and ")} entries`);
  return found;
}

/** What the killed node had acknowledged may be lost, and polls then seem to skip it. */
const losses = ["lost-write", "unseen", "poll-skip", "int-poll-skip"];

for (const strategy of ["lamport", "owner"]) {
  Deno.test(`${strategy}: after a restart in a partition logs are equal, offsets used once`, async () => {
    let restarted = 0;
    for (let seed = 0; seed < 30; seed++) {
      const ran = await run(["--strategy", strategy], seed, cutRestart(seed));
      const { length: count } = ran.options.nodes;
      const owners = new OwnerLog({ self: 0, count });
      const found = problems(
        ran,
        (node, key) => strategy === "owner" ? owners.owns(key) : node === "n0",
      );
      assertEquals(found, [], `seed ${seed}`);
      const faults = faultsFound(ran).filter((fault) => !losses.includes(fault));
      assertEquals(faults, [], `seed ${seed}`);
      restarted += ran.history.filter((operation) =>
        operation.type === "ok" && operation.f === "send" && nodeOf(ran, operation) === "n0" &&
        Number(operation.time) > 8.5e9
      ).length;
    }
    assert(restarted > 100, `the restarted node served only ${restarted} sends`);
  });
}

/** Leaves out nothing that an earlier incarnation may have assigned. */
class WithoutGap extends LamportLog {
  override start(): void {
    super.start(0);
  }
}

Deno.test("a node that leaves no gap after a restart is found", async () => {
  const program: NodeFunction = (node) => {
    const settings = logSettings(parseNodeFlags([], logFlags));
    const log = lamport(node, settings, (own) => new WithoutGap(own));
    serveContract(node, contract.kafka, logHandlers(log));
  };
  const found: string[] = [];
  for (let seed = 0; seed < 6; seed++) {
    // With one client, no other node uses higher offsets meanwhile.
    const ran = await run([], seed, { ...cutRestart(2 * seed), concurrency: 1, program });
    found.push(...problems(ran, (node) => node === "n0"));
  }
  assert(found.some((problem) => /^sent/.test(problem)), found.join("; "));
});
