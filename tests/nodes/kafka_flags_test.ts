import { assertEquals, assertThrows } from "std/testing";
import { Random, UsageError } from "../../lib/base/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";
import kafka from "../../nodes/kafka.ts";

const start = (flag: string, value: string) =>
  new FakeNode(kafka, { nodes: ["n1"], args: [flag, value] });

Deno.test("kafka takes limits and intervals from 1", () => {
  for (
    const [flag, value] of [["--per-key", "1"], ["--chunk", "1"], ["--interval", "1"]] as const
  ) {
    start(flag, value);
    assertThrows(() => start(flag, "0"), UsageError, `${flag} must be`);
  }
});

Deno.test("kafka counts in whole entries and messages", () => {
  for (const flag of ["--per-key", "--chunk"]) {
    assertThrows(() => start(flag, "1.5"), UsageError, `${flag} must be`);
  }
});

Deno.test("a poll returns at most 1000 entries of a key by default", async () => {
  const node = new FakeNode(kafka, { nodes: ["n1"] });
  for (let message = 0; message < 1001; message++) {
    await node.ask({ type: "send", key: "k", msg: message });
  }
  const { msgs } = await node.ask({ type: "poll", offsets: { k: 0 } }) as unknown as {
    readonly msgs: { readonly k: readonly [number, number][] };
  };
  assertEquals([msgs.k.length, msgs.k.at(-1)], [1000, [999, 999]]);
});

Deno.test("lin-kv stores 32 messages in a value by default, which all nodes must agree on", async () => {
  const store = createServices(new Random(1)).get("lin-kv");
  const node = new FakeNode(kafka, {
    args: ["--strategy", "lin-kv"],
    answer: (message) => store?.handle(message),
  });
  for (let message = 0; message < 33; message++) {
    node.receive({ type: "send", key: "k", msg: message });
    await node.host.advance(0);
  }
  const sizes = [0, 1].map(async (chunk) =>
    (await node.node.kv.lin.read(`log/k/${chunk}`) as number[]).length
  );
  assertEquals(await Promise.all(sizes), [32, 1]);
});
