import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { createFault, lostMessages } from "../../../lib/workbench/fault/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const nodes = ["n0", "n1", "n2"];
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

Deno.test("loss drops about its fraction of the messages between nodes and reports each", async () => {
  const harness = new FaultHarness(nodes);
  const loss = createFault("loss");
  await loss.start(harness.context, { probability: 0.2, seed: "a" });
  harness.send("n0", "n1", ...numbers(1000));
  await harness.settle();
  const lost = 1000 - harness.arrivedAt("n1").length;
  assert(lost > 150 && lost < 250, `${lost} of 1000 were lost`);
  assertEquals(harness.effects.length, lost);
  assert(
    harness.effects.every((effect) => /^loss: a message was lost \(#\d+ n0 → n1\)$/.test(effect)),
  );
});

Deno.test("loss drops the same messages under the same plan", async () => {
  const survivors = await Promise.all(["a", "a", "b"].map(async (seed) => {
    const harness = new FaultHarness(nodes);
    await createFault("loss").start(harness.context, { probability: 0.5, seed });
    harness.send("n0", "n1", ...numbers(50));
    await harness.settle();
    return harness.arrivedAt("n1");
  }));
  assertEquals(survivors[0], survivors[1]);
  assert(String(survivors[0]) !== String(survivors[2]), "another seed drops others");
});

Deno.test("loss drops the messages that a plan lists, counted between nodes from its start", async () => {
  const harness = new FaultHarness(nodes);
  harness.send("n0", "n1", 100);
  await createFault("loss").start(harness.context, { messages: [0, 2] });
  harness.send("n0", "n1", ...numbers(4));
  await harness.settle();
  assertEquals(harness.arrivedAt("n1"), [100, 1, 3]);
});

Deno.test("lostMessages returns the numbers of the messages that a plan of loss drops", async () => {
  const plan = { probability: 0.3, seed: "a" };
  const harness = new FaultHarness(nodes);
  await createFault("loss").start(harness.context, plan);
  harness.send("n0", "n1", ...numbers(50));
  await harness.settle();
  const arrived = harness.arrivedAt("n1");
  assertEquals(lostMessages(plan, 50), numbers(50).filter((number) => !arrived.includes(number)));
  assertEquals(lostMessages({ messages: [1, 9] }, 5), [1]);
});

Deno.test("in one of eight cases, duplicate keeps copies until their receiver may have restarted", () => {
  const longest = Array.from({ length: 400 }, (_, seed) => {
    const { plan } = createFault("duplicate").generate(nodes, new Random(seed));
    return (plan as { readonly later: number }).later;
  });
  const late = longest.filter((later) => later === 60_000).length;
  assert(late > 25 && late < 80, `${late} of 400`);
  assert(new Set(longest).size === 6, [...new Set(longest)].join());
});

Deno.test("no message fault affects clients, services, or messages of a node to itself", async () => {
  const plans = {
    loss: { probability: 1, seed: "a" },
    duplicate: { probability: 1, later: 10, seed: "a" },
    reorder: { probability: 1, most: 1000, seed: "a" },
    slow: { nodes, longer: 1000 },
  };
  for (const [name, plan] of Object.entries(plans)) {
    const harness = new FaultHarness(nodes);
    const client = harness.network.addClient(({ body }) => {
      const { number } = body as { readonly number: number };
      harness.arrivals.push({ at: harness.clock.now(), dest: "client", src: "n0", number });
    });
    await createFault(name).start(harness.context, plan);
    harness.send(client, "n0", 1);
    harness.send("n0", client, 2);
    harness.send("n0", "lin-kv", 3);
    harness.send("lin-kv", "n0", 4);
    harness.send("n0", "n0", 5);
    await harness.settle();
    assertEquals(harness.arrivals.map(({ number }) => number).sort(), [1, 2, 3, 4, 5], name);
    assertEquals(harness.clock.now(), 0, `${name} delayed nothing`);
    assertEquals(harness.effects, [], name);
  }
});

Deno.test("duplicate delivers a message twice, the copy within the time of its plan", async () => {
  const harness = new FaultHarness(nodes, 5);
  await createFault("duplicate").start(harness.context, { probability: 1, later: 100, seed: "a" });
  harness.send("n0", "n1", 7);
  await harness.settle();
  assertEquals(harness.arrivedAt("n1"), [7, 7]);
  const [first, second] = harness.arrivals.map(({ at }) => at) as [number, number];
  assertEquals(first, 5);
  assert(second >= 5 && second <= 105, `the copy arrived at ${second} ms`);
});

Deno.test("reorder lets messages overtake each other and drops none", async () => {
  const harness = new FaultHarness(nodes);
  await createFault("reorder").start(harness.context, { probability: 0.5, most: 100, seed: "a" });
  harness.send("n0", "n1", ...numbers(20));
  await harness.settle();
  const arrived = harness.arrivedAt("n1");
  assertEquals(arrived.toSorted((a, b) => a - b), numbers(20));
  assert(String(arrived) !== String(numbers(20)), "some arrived out of order");
});

Deno.test("a delayed message does not delay its receiver's other messages", async () => {
  const harness = new FaultHarness(nodes);
  const slow = createFault("slow");
  await slow.start(harness.context, { nodes: ["n0"], longer: 1000 });
  harness.send("n0", "n2", 1);
  harness.send("n1", "n2", 2);
  await harness.settle();
  assertEquals(harness.arrivals.map(({ number, at }) => [number, at]), [[2, 0], [1, 1000]]);
});

Deno.test("slow delays the messages from and to its nodes, in order, and no others", async () => {
  const harness = new FaultHarness(nodes);
  await createFault("slow").start(harness.context, { nodes: ["n0"], longer: 200 });
  harness.send("n0", "n1", 1, 2);
  harness.send("n1", "n0", 3);
  harness.send("n1", "n2", 4);
  await harness.settle();
  const arrivals = harness.arrivals.map(({ number, at }) => [number, at]);
  assertEquals(arrivals.sort(), [[1, 200], [2, 200], [3, 200], [4, 0]]);
  assertEquals(harness.arrivedAt("n1"), [1, 2]);
});

Deno.test("slow-services delays messages of nodes and services, in both directions, but not those between nodes", async () => {
  const harness = new FaultHarness(nodes);
  const plan = { probability: 1, most: 1000, seed: "a" };
  await createFault("slow-services").start(harness.context, plan);
  harness.send("n0", "n1", 1);
  harness.send("n0", "lin-kv", 2);
  harness.send("lin-kv", "n0", 3);
  await harness.settle();
  const delays = new Map(harness.arrivals.map(({ number, at }) => [number, at]));
  assertEquals(delays.get(1), 0);
  for (const number of [2, 3]) {
    const delayMs = delays.get(number) ?? 0;
    assert(delayMs > 0 && delayMs <= 1000, `${delayMs} ms`);
  }
  assert(delays.get(2) !== delays.get(3));
});

Deno.test("a stopped message fault has no effect", async () => {
  for (const name of ["loss", "duplicate", "reorder", "slow", "slow-services"]) {
    const harness = new FaultHarness(nodes);
    const fault = createFault(name);
    const plan = { probability: 1, later: 9, most: 9, longer: 9, seed: "a", nodes };
    await fault.start(harness.context, plan);
    await fault.start(harness.context, plan);
    await fault.stop(harness.context);
    harness.send("n0", "n1", 1, 2, 3);
    await harness.settle();
    assertEquals(harness.arrivedAt("n1"), [1, 2, 3], name);
    assertEquals(harness.clock.now(), 0, name);
  }
});
