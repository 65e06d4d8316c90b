import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  createFault,
  generateGrudge,
  generateOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  PARTITION_SHAPES,
} from "../../../lib/workbench/fault/mod.ts";
import { FaultHarness } from "./fault_harness.ts";

const five = ["n0", "n1", "n2", "n3", "n4"];
const receives = (grudge: Grudge, receiver: string, sender: string) =>
  grudge[receiver]?.includes(sender) !== true;

Deno.test("a partition drops the messages of its grudge silently, and heals", async () => {
  const harness = new FaultHarness(["n0", "n1", "n2"]);
  const partition = createFault("partition");
  await partition.start(harness.context, { n0: ["n1"], n1: ["n0"] });
  harness.send("n0", "n1", 1);
  harness.send("n1", "n0", 2);
  harness.send("n2", "n0", 3);
  harness.send("lin-kv", "n0", 4);
  await harness.settle();
  assertEquals(harness.arrivals.map(({ number }) => number).sort(), [3, 4]);
  assertEquals(harness.effects.length, 2);
  await partition.stop(harness.context);
  harness.send("n0", "n1", 5);
  await harness.settle();
  assertEquals(harness.arrivedAt("n1"), [5]);
});

Deno.test("partition generates Maelstrom's four shapes only, and one-way none of them", () => {
  const shapes = (name: string) => {
    const random = new Random("shapes");
    const values = Array.from(
      { length: 200 },
      () => createFault(name).generate(five, random).value,
    );
    return [...new Set(values)].sort();
  };
  assertEquals(shapes("partition"), [...PARTITION_SHAPES].sort());
  assertEquals(shapes("one-way"), [...ONE_WAY_SHAPES].sort());
});

Deno.test("in a majorities-ring every node receives from a majority", () => {
  for (const count of [3, 4, 5, 6, 7, 9]) {
    const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
    const grudge = generateGrudge("majorities-ring", nodes, new Random("ring"));
    for (const receiver of nodes) {
      const senders = nodes.filter((sender) => receives(grudge, receiver, sender));
      assert(senders.length > count / 2, `${receiver} of ${count} receives from ${senders}`);
    }
  }
});

Deno.test("in a ring of up to five nodes each majority is as small as possible, and no two are equal", () => {
  const settings = [3, 4, 5].flatMap((count) => [1, 2, 3, 4].map((seed) => ({ count, seed })));
  for (const { count, seed } of settings) {
    const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
    const grudge = generateGrudge("majorities-ring", nodes, new Random(seed));
    const majorities = nodes.map((receiver) =>
      nodes.filter((sender) => receives(grudge, receiver, sender)).join()
    );
    assertEquals(new Set(majorities).size, nodes.length);
    for (const majority of majorities) {
      const smallest = Math.floor(nodes.length / 2) + 1;
      assertEquals(majority.split(",").length, smallest, `of ${count} nodes`);
    }
    for (const [index, node] of nodes.entries()) assert(majorities[index]?.includes(node));
  }
});

Deno.test("one-way shapes affect one direction of a link only, and at least one link", () => {
  for (const shape of ONE_WAY_SHAPES) {
    for (const count of [2, 3, 5, 8]) {
      const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
      const grudge = generateOneWayGrudge(shape, nodes, new Random(shape));
      const pairs = nodes.flatMap((a) => nodes.map((b) => [a, b] as const));
      const dropped = pairs.filter(([a, b]) => !receives(grudge, a, b));
      assert(dropped.length > 0, `${shape} of ${count} drops nothing`);
      for (const [a, b] of dropped) {
        assert(
          receives(grudge, b, a),
          `${shape} drops messages of ${a} and ${b} in both directions`,
        );
      }
    }
  }
});

Deno.test("a deaf node drops all messages; all other nodes drop those of a mute node", () => {
  const deaf = generateOneWayGrudge("deaf", five, new Random(1));
  assertEquals(Object.entries(deaf).map(([, senders]) => senders.length), [4]);
  const mute = generateOneWayGrudge("mute", five, new Random(1));
  const senders = new Set(Object.values(mute).flat());
  assertEquals([Object.keys(mute).length, senders.size], [4, 1]);
});
