import { assert, assertEquals } from "std/testing";
import { type Node, withFlags } from "../../../lib/node/mod.ts";
import { simulate, workloads } from "../../../lib/testing/mod.ts";
import { createFault } from "../../../lib/workbench/fault/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const nodes = ["n0", "n1", "n2"];

/** Starts the fault for some nodes, and returns it with its harness. */
async function startFor(leaving: readonly string[], reply?: FaultHarness["reply"]) {
  const harness = new FaultHarness(nodes);
  if (reply !== undefined) harness.reply = reply;
  const fault = createFault("membership");
  await fault.start(harness.context, { nodes: leaving, seed: "s" });
  return { harness, fault };
}

/** Returns the changes that were requested, without the nodes that received them. */
function changesOf({ requests }: FaultHarness): string[] {
  return requests.map((request) => request.slice(request.indexOf(" ") + 1));
}

Deno.test("members leave at the same time, and join again when the fault stops", async () => {
  const { harness, fault } = await startFor(["n1", "n2"]);
  await harness.settle();
  await fault.stop(harness.context);
  await harness.settle();
  await fault.settled?.(harness.context);
  assertEquals(changesOf(harness), [
    "remove_member n1",
    "remove_member n2",
    "add_member n1",
    "add_member n2",
  ]);
  assertEquals(harness.effects, [
    "membership: a member was removed (n1)",
    "membership: a member was removed (n2)",
    "membership: a member was added (n1)",
    "membership: a member was added (n2)",
  ]);
});

Deno.test("a change is requested from other nodes until one replies without an error", async () => {
  const outcomes = ["failed", "failed", "failed", "failed", "done"] as const;
  let replies = 0;
  const { harness } = await startFor(
    ["n1"],
    () => Promise.resolve(outcomes[replies++] ?? "done"),
  );
  await harness.settle();
  assertEquals(changesOf(harness), Array(5).fill("remove_member n1"));
  assert(new Set(harness.requests).size > 1, "not only one node is asked");
  assertEquals(harness.effects, ["membership: a member was removed (n1)"]);
});

Deno.test("a change that does not succeed delays no change of another node", async () => {
  const harness = new FaultHarness(nodes);
  const isAboutN1 = () => harness.requests.at(-1)?.endsWith("n1") === true;
  harness.reply = () => Promise.resolve(isAboutN1() ? "failed" : "done");
  const fault = createFault("membership");
  await fault.start(harness.context, { nodes: ["n1", "n2"], seed: "s" });
  await harness.until(50);
  assertEquals(harness.effects, ["membership: a member was removed (n2)"]);
  await fault.stop(harness.context);
  await harness.until(150);
  assertEquals(changesOf(harness), [
    "remove_member n1",
    "remove_member n2",
    "add_member n2",
    "add_member n1",
  ]);
});

Deno.test("nodes that do not support a change are asked once", async () => {
  const { harness } = await startFor(["n1"], () => Promise.resolve("not supported"));
  await harness.settle();
  assertEquals(harness.requests.length, 1);
  assertEquals(harness.effects, ["membership: no change is supported (n1)"]);
});

Deno.test("a change that fails for ten seconds is given up", async () => {
  const { harness } = await startFor(["n1"], () => Promise.resolve("failed"));
  await harness.settle();
  assertEquals(harness.clock.now(), 10_000);
  assertEquals(harness.effects, ["membership: a change was given up (n1)"]);
});

Deno.test("a stop abandons a removal in progress, and adds the node in case it took place", async () => {
  let isFailing = true;
  const { harness, fault } = await startFor(
    ["n1"],
    () => Promise.resolve(isFailing ? "failed" : "done"),
  );
  await harness.until(250);
  await fault.stop(harness.context);
  isFailing = false;
  await harness.settle();
  assertEquals(changesOf(harness), [...Array(3).fill("remove_member n1"), "add_member n1"]);
  // The removal may take effect as late as 5 s after its request.
  const healedMs = harness.clock.now();
  const settled = fault.settled?.(harness.context);
  await harness.settle();
  await settled;
  assertEquals(changesOf(harness).slice(4), ["add_member n1"]);
  assertEquals(harness.clock.now() - healedMs, 5000);
});

Deno.test("a node whose return was given up is added when all faults were healed", async () => {
  let isFailing = false;
  const { harness, fault } = await startFor(
    ["n1"],
    () => Promise.resolve(isFailing ? "failed" : "done"),
  );
  await harness.settle();
  isFailing = true;
  await fault.stop(harness.context);
  await harness.settle();
  isFailing = false;
  const before = harness.requests.length;
  const settled = fault.settled?.(harness.context);
  await harness.settle();
  await settled;
  assertEquals(changesOf(harness).slice(before), ["add_member n1"]);
  assertEquals(harness.effects, [
    "membership: a member was removed (n1)",
    "membership: a change was given up (n1)",
    "membership: a member was added (n1)",
  ]);
});

Deno.test("one member stays, whatever schedules say", async () => {
  const { harness, fault } = await startFor(["n0", "n1"]);
  await fault.start(harness.context, { nodes: ["n2"], seed: "s" });
  await harness.settle();
  assertEquals(changesOf(harness), ["remove_member n0", "remove_member n1"]);
  const all = { nodes, seed: "s" };
  assertEquals(fault.planProblem(all, nodes), "the plan of membership leaves no member");
  assertEquals(fault.restrict(all, ["n1", "n2"]), { nodes: ["n1"], seed: "s" });
  assertEquals(fault.restrict(all, ["n1"]), undefined);
});

/** Echoes; the first node has the members of the cluster, and the others forward changes to it. */
const members = withFlags({ flags: {}, changesMembership: true }, (node: Node) => {
  const members = new Set(node.nodes);
  const log: number[] = [];
  node.exposeState(() => ({ members: [...members].sort(), sizes: log }));
  node.on("echo", ({ echo = null }) => ({ type: "echo_ok", echo }));
  for (const type of ["add_member", "remove_member"]) {
    node.on(type, (body) => {
      const primary = node.nodes[0] as string;
      if (primary !== node.id) return node.rpc(primary, body);
      if (type === "add_member") members.add(body.node as string);
      else members.delete(body.node as string);
      log.push(members.size);
      return { type: `${type}_ok` };
    });
  }
});

Deno.test("a cluster shrinks and grows, also under other faults, and is whole in the end", async () => {
  let removals = 0;
  for (let seed = 0; seed < 5; seed++) {
    const run = await simulate(members, workloads.echo, {
      nodes: 5,
      seed,
      faults: ["membership", "pause", "loss"],
      timeLimitSeconds: 20,
      nemesisIntervalSeconds: 2,
    });
    run.expectValid();
    const { sizes } = run.node<{ sizes: number[] }>("n0").state;
    assert(Math.min(5, ...sizes) >= 1);
    removals += sizes.filter((size) => size < 5).length;
  }
  assert(removals > 10, `${removals} removals`);
});

Deno.test("all nodes are members again before the final reads", async () => {
  const run = await simulate(members, {
    ...workloads.echo,
    finalGenerator: () => ({ next: () => undefined }),
  }, {
    nodes: 3,
    schedule: [{ at: 0, f: "start-membership", value: null, plan: { nodes: ["n1"], seed: "s" } }],
    timeLimitSeconds: 5,
    ratePerSecond: 5,
  });
  const { members: atEnd, sizes } = run.node<{ members: string[]; sizes: number[] }>("n0").state;
  assertEquals(sizes, [2, 3]);
  assertEquals(atEnd, ["n0", "n1", "n2"]);
});
