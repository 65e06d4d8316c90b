import { assert, assertEquals } from "std/testing";
import type { Body, Message } from "../../../lib/node/mod.ts";
import { Forwarder } from "../../../lib/protocol/log/forwarder.ts";
import type { ClientRequest } from "../../../lib/protocol/log/log.ts";
import { type Answer, settled } from "../../../lib/testing/fake_host.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import { RpcError } from "../../../lib/wire/mod.ts";

/** A node that forwards sends to n2; the test replies for n2. */
class ForwardingNode {
  readonly node: FakeNode;
  readonly forwarder: Forwarder;
  /** For each send its offset, its error, or "pending". */
  readonly outcomes: unknown[] = [];

  constructor(answer: Answer) {
    this.node = new FakeNode(() => {}, { answer });
    const incarnationOf = (name: string) => `incarnation of ${name}`;
    const settings = { owner: "n2", lingerMs: 5, incarnationOf };
    this.forwarder = new Forwarder(this.node.node, settings);
  }

  send(message: number, signal: AbortSignal = new AbortController().signal): void {
    const index = this.outcomes.push("pending") - 1;
    const request: ClientRequest = { deadline: Infinity, signal };
    this.forwarder.send("k", message, request).then(
      (offset) => this.outcomes[index] = offset,
      (error) => this.outcomes[index] = { error: (error as RpcError).code },
    );
  }

  sentOfType(type: string): Body[] {
    return this.node.host.sent.map(({ body }) => body).filter((body) => body.type === type);
  }
}

/** Replies with each message as its offset. */
function echo({ body }: Message): Body {
  if (body.type === "ping") return { type: "ping_ok" };
  const sends = body.sends as [string, number][];
  return { type: "forward_ok", offsets: sends.map(([, message]) => message) };
}

Deno.test("Forwarder batches the sends of the linger time, and each gets its own offset", async () => {
  const sender = new ForwardingNode(echo);
  sender.send(3);
  sender.send(5);
  await sender.node.host.advance(6);
  sender.send(8);
  await sender.node.host.advance(6);
  assertEquals(sender.outcomes, [3, 5, 8]);
  const batches = sender.sentOfType("forward");
  assertEquals(batches.map(({ number, oldest, sends }) => [number, oldest, sends]), [
    [1, 1, [["k", 3], ["k", 5]]],
    [2, 2, [["k", 8]]],
  ]);
  assertEquals(batches[0]?.sender, "incarnation of n1");
  assertEquals(batches[0]?.owner, "incarnation of n2");
});

Deno.test("Forwarder retransmits the same batch until the owner replies", async () => {
  let lost = 2;
  const sender = new ForwardingNode((message) => lost-- > 0 ? undefined : echo(message));
  sender.send(3);
  await sender.node.host.advance(1500);
  assertEquals(sender.outcomes, [3]);
  const batches = sender.sentOfType("forward");
  assertEquals(batches.length, 3);
  assertEquals(new Set(batches.map((body) => JSON.stringify(body))).size, 1);
});

Deno.test("Forwarder times out sent batches, and rejects unsent ones with a definite error", async () => {
  let isPartitioned = true;
  const sender = new ForwardingNode((message) => isPartitioned ? undefined : echo(message));
  sender.send(1);
  await sender.node.host.advance(1200);
  sender.send(2);
  await settled();
  assertEquals(sender.outcomes, ["pending", { error: 11 }]);
  await sender.node.host.advance(3500);
  assertEquals(sender.outcomes[0], { error: 0 });
  const sent = sender.sentOfType("forward").flatMap(({ sends }) => sends as [string, number][]);
  assert(sent.every(([, message]) => message === 1), "the second message was never sent");
  isPartitioned = false;
  await sender.node.host.advance(1000);
  sender.send(3);
  await sender.node.host.advance(10);
  assertEquals(sender.outcomes[2], 3);
});

Deno.test("Forwarder rejects a send when its client's request expires", async () => {
  const sender = new ForwardingNode(() => undefined);
  const controller = new AbortController();
  sender.send(1, controller.signal);
  sender.send(2);
  controller.abort(new RpcError(0, "the request expired"));
  await settled();
  assertEquals(sender.outcomes, [{ error: 0 }, "pending"]);
});

Deno.test("Forwarder stops its pings when a suspected owner replies again", async () => {
  let isPartitioned = true;
  const sender = new ForwardingNode((message) => isPartitioned ? undefined : echo(message));
  sender.send(1);
  await sender.node.host.advance(2000);
  assert(sender.node.host.reached.has("the owner of a key was suspected"));
  assertEquals(sender.sentOfType("ping").length, 3);
  isPartitioned = false;
  await sender.node.host.advance(1000);
  const pings = sender.sentOfType("ping").length;
  await sender.node.host.advance(10_000);
  assertEquals(sender.sentOfType("ping").length, pings);
});

Deno.test("Forwarder passes on the owner's error, and does not suspect an owner that replies", async () => {
  const sender = new ForwardingNode(() => ({ type: "error", code: 11, text: "not now" }));
  sender.send(1);
  await sender.node.host.advance(10);
  assertEquals(sender.outcomes, [{ error: 11 }]);
  await sender.node.host.advance(5000);
  assertEquals(sender.sentOfType("ping"), []);
});
