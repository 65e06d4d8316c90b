import { assert, assertEquals } from "std/testing";
import { EntryLog, replicate, retryFlags, retryOptions } from "../../lib/replication/mod.ts";
import { parseNodeFlags } from "../../lib/node/mod.ts";
import { FakeNode } from "../../lib/testing/mod.ts";
import { ACK_DELAY_MS, eager, RETRY } from "./replicas.ts";

/** A node n1 with the peer n2, to which it sends each broadcast value immediately. */
function replicatingNode(): { readonly fake: FakeNode; readonly log: () => EntryLog } {
  let log: EntryLog | undefined;
  const fake = new FakeNode((node) => {
    const own = log = new EntryLog({ id: node.id, incarnation: node.incarnation });
    const { changed } = replicate(node, own, eager(["n2"]), RETRY);
    node.on("broadcast", ({ message }) => {
      own.add(message ?? null, node.monotonic());
      changed();
      return { type: "broadcast_ok" };
    });
  }, { nodes: ["n1", "n2"] });
  return { fake, log: () => log as EntryLog };
}

const toPeer = (fake: FakeNode) => fake.host.takeSent().filter(({ dest }) => dest === "n2");

Deno.test("a change is sent immediately, and again after each timeout, until it is acknowledged", async () => {
  const { fake } = replicatingNode();
  await fake.ask({ type: "broadcast", message: 7 });
  await fake.host.advance(0);
  const [update] = toPeer(fake);
  assertEquals([update?.body.type, update?.body.from, update?.body.to], ["update", 0, 1]);
  await fake.host.advance(2 * ACK_DELAY_MS + 1000);
  const again = toPeer(fake);
  assertEquals(again[0]?.body.urgent, true);
  assert(again.length <= 3, `${again.length} messages in a second`);
  assert(fake.host.reached.has("changes were retransmitted"));
  fake.receive({
    ...{ type: "update", me: "x", you: update?.body.me ?? null, ack: 1, time: 0 },
    ...{ from: 0, to: 0 },
  }, "n2");
  toPeer(fake);
  await fake.host.advance(60_000);
  assertEquals(toPeer(fake), []);
  assertEquals(fake.host.pendingTimers, 0, "an idle replica has no timer");
});

Deno.test("a received change is merged and acknowledged after the acknowledgement delay", async () => {
  const { fake, log } = replicatingNode();
  fake.receive({
    ...{ type: "update", me: "x", ack: 0, time: 0, from: 0, to: 1 },
    delta: [["n2.x", 0, "value"]],
  }, "n2");
  assertEquals(log().values, ["value"]);
  await fake.host.advance(ACK_DELAY_MS - 1);
  const early = toPeer(fake).filter(({ body }) => body.ack === 1);
  await fake.host.advance(1);
  const acks = toPeer(fake).filter(({ body }) => body.ack === 1);
  assertEquals([early.length, acks.length], [0, 1]);
});

Deno.test("by default a timeout has a margin of 100 ms, is 600 ms at most, and the third one suspects", () => {
  const options = retryOptions(parseNodeFlags([], retryFlags));
  assertEquals(options, { rtoMarginMs: 100, maxRtoMs: 600, maxTimeouts: 3 });
});
