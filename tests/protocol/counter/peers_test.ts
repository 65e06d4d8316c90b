/**
 * Strategy `peers`: which of several replies of a peer counts, and what a silent peer causes.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import gCounter from "../../../nodes/g_counter.ts";

const READ_TIMEOUT_MS = 4400;

/** Node n1, whose only peer n2 is the test. */
function newNode(): FakeNode {
  return new FakeNode(gCounter, { args: ["--strategy", "peers"], nodes: ["n1", "n2"] });
}

/** Returns what a client reads, after as long as n1 waits for n2. */
async function read(node: FakeNode): Promise<unknown> {
  node.receive({ type: "read", msg_id: 9 });
  await node.host.advance(READ_TIMEOUT_MS);
  return node.host.takeSent().find(({ dest, body }) => dest === "c1" && body.in_reply_to === 9)
    ?.body.value;
}

/** Has n1 request n2's total for three reads; returns the requests' ids. */
async function requests(node: FakeNode): Promise<number[]> {
  for (const msg_id of [1, 2, 3]) node.receive({ type: "read", msg_id });
  await node.host.advance(0);
  return node.host.takeSent().flatMap(({ dest, body }) =>
    dest === "n2" ? body.msg_id as number : []
  );
}

Deno.test("peers: of two incarnations of a peer the one that replied to the later request counts", async () => {
  for (const isReordered of [false, true]) {
    const node = newNode();
    const [first, second] = await requests(node);
    const replies = [
      { type: "total_ok", incarnation: "former", total: 3, seq: 9, in_reply_to: first as number },
      { type: "total_ok", incarnation: "later", total: 10, seq: 1, in_reply_to: second as number },
    ];
    for (const reply of isReordered ? replies.toReversed() : replies) node.receive(reply, "n2");
    assertEquals(await read(node), 10, `reordered: ${isReordered}`);
  }
});

Deno.test("peers: a peer that stays silent is counted with its last total, and harms nothing", async () => {
  const node = newNode();
  const [request] = await requests(node);
  node.receive(
    { type: "total_ok", incarnation: "x", total: 3, seq: 1, in_reply_to: request as number },
    "n2",
  );
  for (let time = 0; time < 6; time++) assertEquals(await read(node), 3);
  assertEquals(node.host.failure, undefined);
});

Deno.test("peers: a node numbers its totals, so that an older one is recognised", async () => {
  const node = newNode();
  const first = await node.ask({ type: "total" }, "n2");
  await node.ask({ type: "add", delta: 5 });
  await node.ask({ type: "add", delta: 0 });
  const second = await node.ask({ type: "total" }, "n2");
  assertEquals([first?.total, second?.total], [0, 5]);
  assert((second?.seq as number) > (first?.seq as number));
  assertEquals(second?.incarnation, first?.incarnation);
});

Deno.test("peers: a malformed reply and a reply with an error count as none", async () => {
  const node = newNode();
  const [first, second, third] = await requests(node);
  const total = { type: "total_ok", incarnation: "x", total: 3, seq: 1 };
  node.receive({ ...total, in_reply_to: first as number }, "n2");
  node.receive({ ...total, total: "4", in_reply_to: second as number }, "n2");
  node.receive({ type: "error", code: 13, in_reply_to: third as number }, "n2");
  await node.host.advance(0);
  assertEquals(node.host.takeSent().map(({ body }) => body.value), [3, 3, 3]);
});

Deno.test("peers: a total that arrives after a newer one does not count", async () => {
  const node = newNode();
  const [first, second] = await requests(node);
  for (const [in_reply_to, total] of [[second, 5], [first, 3]] as [number, number][]) {
    node.receive({ type: "total_ok", incarnation: "x", total, seq: total, in_reply_to }, "n2");
    await node.host.advance(0);
  }
  assertEquals(node.host.takeSent().map(({ body }) => body.value), [5, 5]);
});

Deno.test("peers: a request is retransmitted after 100 to 400 ms", async () => {
  const node = newNode();
  node.receive({ type: "read", msg_id: 1 });
  const times: number[] = [];
  for (let now = 0; now < 3400; now += 10) {
    await node.host.advance(10);
    times.push(...node.host.takeSent().map(() => now));
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  assert(gaps.length >= 8 && Math.min(...gaps) >= 90 && Math.max(...gaps) <= 410, gaps.join());
});

Deno.test("peers: no timer outlives a read", async () => {
  const node = newNode();
  const idle = node.host.pendingTimers;
  assertEquals(await read(node), undefined);
  node.host.answer = () => ({ type: "total_ok", incarnation: "x", total: 3, seq: 1 });
  await node.host.advance(20_000);
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", value: 3 });
  assertEquals(node.host.pendingTimers, idle);
});
