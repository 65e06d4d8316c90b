import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { type Node, schema } from "../../../lib/node/mod.ts";
import {
  createFault,
  generatePartialGrudge,
  type Grudge,
  type NemesisEvent,
  PARTIAL_PARTITION_SHAPES,
  PERSISTENT_FAULT_NAMES,
  PlanError,
} from "../../../lib/workbench/fault/mod.ts";
import { generateSchedule } from "../../../lib/workbench/nemesis.ts";
import { QUIESCENCE_MS, quiescenceMsUnder } from "../../../lib/workbench/quiescence.ts";
import { simulate } from "../../../lib/workbench/sim/mod.ts";
import { broadcast } from "../../../lib/workload/broadcast.ts";
import { nodeIds } from "../../../lib/workload/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const shapes = fc.constantFrom(...PARTIAL_PARTITION_SHAPES);
const nodeCounts = fc.integer({ min: 1, max: 12 });
const seeds = fc.integer();

/** Returns the links, as `sender receiver`, that a grudge drops. */
function droppedLinks(grudge: Grudge): Set<string> {
  return new Set(
    Object.entries(grudge).flatMap(([receiver, senders]) =>
      senders.map((sender) => `${sender} ${receiver}`)
    ),
  );
}

/** Whether each node reaches each other (Warshall's algorithm for the transitive closure). */
function isStronglyConnected(grudge: Grudge, nodes: readonly string[]): boolean {
  const dropped = droppedLinks(grudge);
  const reaches = new Set(
    nodes.flatMap((from) => nodes.map((to) => `${from} ${to}`)).filter((link) =>
      !dropped.has(link)
    ),
  );
  for (const middle of nodes) {
    for (const from of nodes) {
      for (const to of nodes) {
        if (reaches.has(`${from} ${middle}`) && reaches.has(`${middle} ${to}`)) {
          reaches.add(`${from} ${to}`);
        }
      }
    }
  }
  return reaches.size === nodes.length ** 2;
}

Deno.test("a partial partition drops links and leaves the graph strongly connected", () => {
  fc.assert(fc.property(shapes, nodeCounts, seeds, (shape, count, seed) => {
    const nodes = nodeIds(count);
    const grudge = generatePartialGrudge(shape, nodes, new Random(seed));
    assert(isStronglyConnected(grudge, nodes), JSON.stringify(grudge));
    assertEquals(createFault("partial-partition").planProblem(grudge, nodes), undefined);
    if (count < 3) assertEquals(grudge, {}, "one or two nodes have no link to spare");
    else if (shape !== "random") assert(droppedLinks(grudge).size > 0, shape);
  }));
});

Deno.test("a restricted plan drops no other links and stays strongly connected", () => {
  const fault = createFault("partial-partition");
  fc.assert(fc.property(shapes, nodeCounts, seeds, (shape, count, seed) => {
    const nodes = nodeIds(count);
    const random = new Random(seed);
    const grudge = generatePartialGrudge(shape, nodes, random);
    assertEquals(fault.restrict(grudge, nodes), grudge);
    const remaining = nodes.filter(() => random.chance(0.7));
    const restricted = fault.restrict(grudge, remaining) as Grudge;
    assert(isStronglyConnected(restricted, remaining), JSON.stringify(restricted));
    assert(isStronglyConnected(restricted, nodes), JSON.stringify(restricted));
    const dropped = droppedLinks(grudge);
    assert([...droppedLinks(restricted)].every((link) => dropped.has(link)));
  }));
});

Deno.test("each shape drops the links that its name promises", () => {
  const countsOf = (shape: typeof PARTIAL_PARTITION_SHAPES[number]) => {
    const grudge = generatePartialGrudge(shape, nodeIds(5), new Random(1));
    return Object.values(grudge).map((senders) => senders.length).sort();
  };
  assertEquals(countsOf("link"), [1, 1]);
  assertEquals(countsOf("one-way-link"), [1]);
  assertEquals(countsOf("bridge"), [2, 2, 2, 2], "the node in the middle receives from all");
  assertEquals(countsOf("star"), [3, 3, 3, 3], "the node at the centre receives from all");
  assertEquals(countsOf("chain"), [2, 2, 2, 3, 3]);
});

Deno.test("a plan without a path between two nodes is a PlanError", () => {
  const { context } = new FaultHarness(["n0", "n1", "n2"]);
  const start = (plan: unknown) => () => createFault("partial-partition").start(context, plan);
  const expected = "got none between n0 and n2; remove a sender, or use the fault partition";
  assertThrows(start({ n2: ["n0", "n1"] }), PlanError, expected);
  assertThrows(start({ n2: ["n0"], n0: ["n1"], n1: ["n2"] }), PlanError, "got none between n0");
  assertThrows(start({ n1: ["n7"] }), PlanError, "names unknown nodes");
});

Deno.test("a partial partition drops messages on its links, in one direction or both", async () => {
  const harness = new FaultHarness(["n0", "n1", "n2"]);
  const fault = createFault("partial-partition");
  await fault.start(harness.context, { n0: ["n1"] });
  harness.send("n1", "n0", 1);
  harness.send("n0", "n1", 2);
  harness.send("n2", "n0", 3);
  harness.send("lin-kv", "n0", 4);
  await harness.settle();
  assertEquals(harness.arrivals.map(({ number }) => number).sort(), [2, 3, 4]);
  assertEquals(harness.effects, ["partial-partition: a message was dropped (#0 n1 → n0)"]);
  await fault.start(harness.context, { n0: ["n2"], n2: ["n0"] });
  harness.send("n1", "n0", 5);
  harness.send("n2", "n0", 6);
  harness.send("n0", "n2", 7);
  await harness.settle();
  assertEquals(harness.arrivals.slice(3).map(({ number }) => number), [5], "the new plan replaces");
});

Deno.test("a schedule ends with a start of a fault that persists", () => {
  assertEquals(PERSISTENT_FAULT_NAMES, ["partial-partition"]);
  for (let seed = 0; seed < 30; seed++) {
    const options = { faults: ["partial-partition"], nodes: nodeIds(3), durationMs: 5000 };
    const schedule = generateSchedule({ ...options, intervalMs: 1000 }, new Random(seed));
    assertEquals(schedule.at(-1)?.f, "start-partial-partition");
  }
});

/** Stores what clients broadcast, and sends it to all peers every 100 ms. */
function gossip(node: Node) {
  const values = new Set<number>();
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("broadcast", { message: schema.number }, ({ message }) => {
    values.add(message);
    return { type: "broadcast_ok" };
  });
  node.on("read", () => ({ type: "read_ok", messages: [...values] }));
  node.on("gossip", { values: schema.array(schema.number) }, (body) => {
    for (const value of body.values) values.add(value);
  });
  node.every(100, () => {
    for (const peer of node.peers) node.send(peer, { type: "gossip", values: [...values] });
  });
}

const gossipUnder = (schedule?: readonly NemesisEvent[], quiescenceMs?: number) =>
  simulate(gossip, broadcast, {
    seed: 3,
    nodes: 5,
    timeLimitSeconds: 5,
    nemesisIntervalSeconds: 1,
    ...(schedule === undefined ? { faults: ["partition", "partial-partition"] } : { schedule }),
    ...(quiescenceMs === undefined ? {} : { quiescenceMs }),
  });

Deno.test("a partial partition drops messages until the end, after other faults are healed", async () => {
  const { history, schedule, journal, results } = await gossipUnder();
  assertEquals(results["valid?"], true, "relays reach every node");
  const last = schedule.findLast(({ f }) => f === "start-partial-partition");
  const dropped = droppedLinks(last?.plan as Grudge);
  assert(dropped.size > 0);
  const nemesisOps = history.filter(({ process }) => process === "nemesis");
  assertEquals(nemesisOps.at(-1)?.f, "stop-partition");
  const healedNs = nemesisOps.at(-1)?.time ?? Infinity;
  const firstFinal = history.find(({ final }) => final === true);
  const waitMs = ((firstFinal?.time ?? 0) - healedNs) / 1e6;
  assert(
    waitMs >= quiescenceMsUnder(["partial-partition"], 5),
    `the final reads began after ${waitMs} ms`,
  );
  const working = new Set(
    journal.filter(({ type, time }) => type === "recv" && time > healedNs)
      .map(({ message: { src, dest } }) => `${src} ${dest}`),
  );
  const nodes = nodeIds(5);
  for (const from of nodes) {
    for (const to of nodes.filter((node) => node !== from)) {
      const link = `${from} ${to}`;
      assertEquals(working.has(link), !dropped.has(link), link);
    }
  }
});

Deno.test("without a fault that persists the final reads begin after ten seconds", async () => {
  const stopped: NemesisEvent[] = [
    { at: 0, f: "start-partial-partition", value: null, plan: { n0: ["n1"] } },
    { at: 900, f: "stop-partial-partition", value: null, plan: null },
  ];
  const { history } = await gossipUnder(stopped);
  const firstFinal = history.find(({ final }) => final === true);
  assertEquals((firstFinal?.time ?? 0) / 1e6, 5000 + QUIESCENCE_MS);
});

Deno.test("a recorded schedule with a partial partition replays to the same journal", async () => {
  const recorded = await gossipUnder(undefined, 1000);
  const schedule = JSON.parse(JSON.stringify(recorded.schedule)) as NemesisEvent[];
  const replayed = await gossipUnder(schedule, 1000);
  assert(recorded.journal.length > 1000);
  assertEquals(replayed.journal, recorded.journal);
});
