import { assert, assertEquals } from "std/testing";
import { createFault } from "../../../lib/workbench/fault/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const nodes = ["n0", "n1", "n2"];
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

Deno.test("loss takes about its fraction of the messages between nodes, and says so", async () => {
  const stage = new FaultHarness(nodes);
  const loss = createFault("loss");
  await loss.start(stage.context, { probability: 0.2, seed: "a" });
  stage.send("n0", "n1", ...numbers(1000));
  await stage.settle();
  const lost = 1000 - stage.arrivedAt("n1").length;
  assert(lost > 150 && lost < 250, `${lost} of 1000 were lost`);
  assertEquals(stage.effects.length, lost);
  assert(
    stage.effects.every((effect) => /^loss: a message was lost \(#\d+ n0 → n1\)$/.test(effect)),
  );
});

Deno.test("loss takes the same messages whenever its plan is the same", async () => {
  const survivors = await Promise.all(["a", "a", "b"].map(async (seed) => {
    const stage = new FaultHarness(nodes);
    await createFault("loss").start(stage.context, { probability: 0.5, seed });
    stage.send("n0", "n1", ...numbers(50));
    await stage.settle();
    return stage.arrivedAt("n1");
  }));
  assertEquals(survivors[0], survivors[1]);
  assert(String(survivors[0]) !== String(survivors[2]), "another seed loses others");
});

Deno.test("no message fault touches clients, services, or what a node sends to itself", async () => {
  const plans = {
    loss: { probability: 1, seed: "a" },
    duplicate: { probability: 1, later: 10, seed: "a" },
    reorder: { probability: 1, most: 1000, seed: "a" },
    slow: { nodes, longer: 1000 },
  };
  for (const [name, plan] of Object.entries(plans)) {
    const stage = new FaultHarness(nodes);
    const client = stage.network.addClient(({ body }) => {
      const { number } = body as { readonly number: number };
      stage.arrivals.push({ at: stage.clock.now(), dest: "client", src: "n0", number });
    });
    await createFault(name).start(stage.context, plan);
    stage.send(client, "n0", 1);
    stage.send("n0", client, 2);
    stage.send("n0", "lin-kv", 3);
    stage.send("lin-kv", "n0", 4);
    stage.send("n0", "n0", 5);
    await stage.settle();
    assertEquals(stage.arrivals.map(({ number }) => number).sort(), [1, 2, 3, 4, 5], name);
    assertEquals(stage.clock.now(), 0, `${name} delayed nothing`);
    assertEquals(stage.effects, [], name);
  }
});

Deno.test("duplicate delivers a message once more, no later than it says", async () => {
  const stage = new FaultHarness(nodes, 5);
  await createFault("duplicate").start(stage.context, { probability: 1, later: 100, seed: "a" });
  stage.send("n0", "n1", 7);
  await stage.settle();
  assertEquals(stage.arrivedAt("n1"), [7, 7]);
  const [first, second] = stage.arrivals.map(({ at }) => at) as [number, number];
  assertEquals(first, 5);
  assert(second >= 5 && second <= 105, `the copy came at ${second} ms`);
});

Deno.test("reorder lets messages be overtaken, and loses none", async () => {
  const stage = new FaultHarness(nodes);
  await createFault("reorder").start(stage.context, { probability: 0.5, most: 100, seed: "a" });
  stage.send("n0", "n1", ...numbers(20));
  await stage.settle();
  const arrived = stage.arrivedAt("n1");
  assertEquals(arrived.toSorted((a, b) => a - b), numbers(20));
  assert(String(arrived) !== String(numbers(20)), "some came out of order");
});

Deno.test("a message that is held back does not hold back its receiver's others", async () => {
  const stage = new FaultHarness(nodes);
  const slow = createFault("slow");
  await slow.start(stage.context, { nodes: ["n0"], longer: 1000 });
  stage.send("n0", "n2", 1);
  stage.send("n1", "n2", 2);
  await stage.settle();
  assertEquals(stage.arrivals.map(({ number, at }) => [number, at]), [[2, 0], [1, 1000]]);
});

Deno.test("slow delays what its nodes send and get, in order, and nothing else", async () => {
  const stage = new FaultHarness(nodes);
  await createFault("slow").start(stage.context, { nodes: ["n0"], longer: 200 });
  stage.send("n0", "n1", 1, 2);
  stage.send("n1", "n0", 3);
  stage.send("n1", "n2", 4);
  await stage.settle();
  const arrivals = stage.arrivals.map(({ number, at }) => [number, at]);
  assertEquals(arrivals.sort(), [[1, 200], [2, 200], [3, 200], [4, 0]]);
  assertEquals(stage.arrivedAt("n1"), [1, 2]);
});

Deno.test("a message fault that has stopped changes nothing any more", async () => {
  for (const name of ["loss", "duplicate", "reorder", "slow"]) {
    const stage = new FaultHarness(nodes);
    const fault = createFault(name);
    const plan = { probability: 1, later: 9, most: 9, longer: 9, seed: "a", nodes };
    await fault.start(stage.context, plan);
    await fault.start(stage.context, plan);
    await fault.stop(stage.context);
    stage.send("n0", "n1", 1, 2, 3);
    await stage.settle();
    assertEquals(stage.arrivedAt("n1"), [1, 2, 3], name);
    assertEquals(stage.clock.now(), 0, name);
  }
});
