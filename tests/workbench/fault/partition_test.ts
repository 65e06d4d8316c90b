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
const hears = (grudge: Grudge, receiver: string, sender: string) =>
  grudge[receiver]?.includes(sender) !== true;

Deno.test("a partition drops what its grudges say, silently, and heals", async () => {
  const stage = new FaultHarness(["n0", "n1", "n2"]);
  const partition = createFault("partition");
  await partition.start(stage.context, { n0: ["n1"], n1: ["n0"] });
  stage.send("n0", "n1", 1);
  stage.send("n1", "n0", 2);
  stage.send("n2", "n0", 3);
  stage.send("lin-kv", "n0", 4);
  await stage.settle();
  assertEquals(stage.arrivals.map(({ number }) => number).sort(), [3, 4]);
  assertEquals(stage.effects.length, 2);
  await partition.stop(stage.context);
  stage.send("n0", "n1", 5);
  await stage.settle();
  assertEquals(stage.arrivedAt("n1"), [5]);
});

Deno.test("partition draws only Maelstrom's four shapes, and one-way none of them", () => {
  const shapes = (name: string) => {
    const random = new Random("shapes");
    const drawn = Array.from({ length: 200 }, () => createFault(name).generate(five, random).value);
    return [...new Set(drawn)].sort();
  };
  assertEquals(shapes("partition"), [...PARTITION_SHAPES].sort());
  assertEquals(shapes("one-way"), [...ONE_WAY_SHAPES].sort());
});

Deno.test("in a majorities-ring every node hears a majority, no two the same", () => {
  for (const count of [3, 4, 5, 6, 7, 9]) {
    const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
    const grudge = generateGrudge("majorities-ring", nodes, new Random("ring"));
    for (const receiver of nodes) {
      const heard = nodes.filter((sender) => hears(grudge, receiver, sender));
      assert(heard.length > count / 2, `${receiver} of ${count} hears ${heard}`);
    }
  }
});

Deno.test("one-way shapes cut in one direction only, and always cut something", () => {
  for (const shape of ONE_WAY_SHAPES) {
    for (const count of [2, 3, 5, 8]) {
      const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
      const grudge = generateOneWayGrudge(shape, nodes, new Random(shape));
      const pairs = nodes.flatMap((a) => nodes.map((b) => [a, b] as const));
      const cut = pairs.filter(([a, b]) => !hears(grudge, a, b));
      assert(cut.length > 0, `${shape} of ${count} cuts nothing`);
      for (const [a, b] of cut) {
        assert(hears(grudge, b, a), `${shape} cuts ${a} and ${b} both ways`);
      }
    }
  }
});

Deno.test("a deaf node hears nobody and is heard by all; a mute one the reverse", () => {
  const deaf = generateOneWayGrudge("deaf", five, new Random(1));
  assertEquals(Object.entries(deaf).map(([, senders]) => senders.length), [4]);
  const mute = generateOneWayGrudge("mute", five, new Random(1));
  const senders = new Set(Object.values(mute).flat());
  assertEquals([Object.keys(mute).length, senders.size], [4, 1]);
});
