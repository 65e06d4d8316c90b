import { assertEquals, assertStringIncludes } from "std/testing";
import type { Node } from "../../lib/node/mod.ts";
import { FakeNode, settled } from "../../lib/testing/fake_node.ts";

/** Answers `slow` when told to by `go`. */
function slowNode(node: Node) {
  const waiting: (() => void)[] = [];
  node.on("slow", async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { type: "slow_ok" };
  });
  node.on("go", () => waiting.splice(0).forEach((go) => go()));
}

async function repliesAfter(milliseconds: number, src: string): Promise<readonly unknown[]> {
  const node = new FakeNode(slowNode);
  node.receive({ type: "slow", msg_id: 7 }, src);
  await node.host.advance(milliseconds);
  node.receive({ type: "go" }, "n2");
  await settled();
  return node.host.sent.map(({ dest, body }) => [dest, body.type, body.code, body.in_reply_to]);
}

Deno.test("a client that would have gone is answered with a timeout, and not again", async () => {
  assertEquals(await repliesAfter(4600, "c1"), [["c1", "error", 0, 7]]);
});

Deno.test("an answer in time is the only one", async () => {
  assertEquals(await repliesAfter(4400, "c1"), [["c1", "slow_ok", undefined, 7]]);
});

Deno.test("other nodes wait as long as they like", async () => {
  assertEquals(await repliesAfter(60_000, "n2"), [["n2", "slow_ok", undefined, 7]]);
});

Deno.test("an answer that comes too late goes to the log", async () => {
  const node = new FakeNode(slowNode);
  node.receive({ type: "slow", msg_id: 7 }, "c1");
  await node.host.advance(5000);
  assertStringIncludes(
    node.host.logged.join("\n"),
    "the handler of 'slow' from c1 did not reply within 4500 ms",
  );
});
