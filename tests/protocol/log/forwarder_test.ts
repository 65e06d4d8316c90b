import { assert, assertEquals, assertRejects } from "std/testing";
import { type Body, ErrorCode, type Json, type Message } from "../../../lib/node/mod.ts";
import { ForwardedSends, Forwarder, serveForwards } from "../../../lib/protocol/log/forwarder.ts";
import type { ClientRequest } from "../../../lib/protocol/log/log.ts";
import type { Answer } from "../../../lib/testing/fake_host.ts";
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
    this.forwarder = new Forwarder(this.node.node);
  }

  send(message: number, signal: AbortSignal = new AbortController().signal): void {
    const index = this.outcomes.push("pending") - 1;
    const request: ClientRequest = { deadline: Infinity, signal };
    this.forwarder.send({ node: "n2", incarnation: "x" }, "k", message, request).then(
      (offset) => this.outcomes[index] = offset,
      (error) => this.outcomes[index] = { error: (error as RpcError).code },
    );
  }

  get sent(): Body[] {
    return this.node.host.sent.map(({ body }) => body).filter(({ type }) => type === "forward");
  }
}

/** Replies with each message as its offset. */
function echo({ body }: Message): Body {
  return { type: "forward_ok", offset: body.message as number };
}

Deno.test("Forwarder numbers sends, and names the lowest one that awaits a reply", async () => {
  const sender = new ForwardingNode((message) =>
    message.body.message === 5 ? undefined : echo(message)
  );
  for (const message of [3, 5, 8]) {
    sender.send(message);
    await sender.node.host.advance(1);
  }
  assertEquals(sender.outcomes, [3, "pending", 8]);
  assertEquals(sender.sent.map(({ number, oldest, message }) => [number, oldest, message]), [
    [1, 1, 3],
    [2, 2, 5],
    [3, 2, 8],
  ]);
  assertEquals(sender.sent[0]?.sender, sender.node.node.incarnation);
  assertEquals(sender.sent[0]?.owner, "x");
});

Deno.test("Forwarder retransmits the same send until the owner replies", async () => {
  let lost = 2;
  const sender = new ForwardingNode((message) => lost-- > 0 ? undefined : echo(message));
  sender.send(3);
  await sender.node.host.advance(1500);
  assertEquals(sender.outcomes, [3]);
  assertEquals(sender.sent.length, 3);
  assertEquals(new Set(sender.sent.map((body) => JSON.stringify(body))).size, 1);
});

Deno.test("Forwarder retransmits after 250 ms, and then within a second each", async () => {
  const sender = new ForwardingNode(() => undefined);
  const sentMs: number[] = [];
  sender.send(3);
  for (let ms = 0; ms < 20_000; ms++) {
    while (sentMs.length < sender.sent.length) sentMs.push(ms);
    await sender.node.host.advance(1);
  }
  const delays = sentMs.slice(1).map((ms, index) => ms - (sentMs[index] as number));
  assert(delays.length >= 20, delays.join(", "));
  assert(delays[0] as number <= 250, delays.join(", "));
  assert(Math.max(...delays) <= 1000, delays.join(", "));
  assert(Math.min(...delays.slice(5)) >= 500, delays.join(", "));
});

Deno.test("Forwarder gives a send up when its client's request expires", async () => {
  const sender = new ForwardingNode((message) =>
    message.body.message === 1 ? undefined : echo(message)
  );
  const controller = new AbortController();
  sender.send(1, controller.signal);
  controller.abort(new RpcError(0, "expired"));
  await sender.node.host.advance(1);
  sender.send(2);
  await sender.node.host.advance(5000);
  assertEquals(sender.outcomes, [{ error: 0 }, 2]);
  assertEquals(sender.sent.map(({ number, oldest }) => [number, oldest]), [[1, 1], [2, 2]]);
});

function counting() {
  const forwarded = new ForwardedSends();
  let executions = 0;
  const execute = () => executions++;
  const once = (number: number, oldest: number, sender = "a") =>
    forwarded.once({ sender, number, oldest }, execute);
  return { once, forwarded, executions: () => executions };
}

Deno.test("ForwardedSends executes a send once and returns the same outcome each time", () => {
  const { once, executions } = counting();
  assertEquals([once(1, 1), once(2, 1), once(1, 1)], [0, 1, 0]);
  assertEquals(once(1, 1, "b"), 2);
  assertEquals(executions(), 3);
});

Deno.test("ForwardedSends does not execute a send whose reply the sender no longer awaits", () => {
  const { once, executions } = counting();
  once(3, 3);
  assertEquals(once(1, 1), undefined);
  assertEquals(once(2, 2), undefined);
  assertEquals(once(3, 3), 0);
  assertEquals(once(3, 4), undefined);
  assertEquals(executions(), 1);
});

Deno.test("ForwardedSends returns a failure each time, so that it stays definite", async () => {
  const { forwarded } = counting();
  const send = { sender: "a", number: 1, oldest: 1 };
  const failed = forwarded.once(send, () => Promise.reject(new Error("not now")));
  assert(failed instanceof Promise);
  await assertRejects(() => failed, Error, "not now");
  await assertRejects(() => forwarded.once(send, () => 0) as Promise<number>, Error, "not now");
});

Deno.test("an owner that has restarted rejects sends that its earlier incarnation may have executed", async () => {
  const executed: Json[] = [];
  const owner = new FakeNode((node) =>
    serveForwards(node, (_, message) => executed.push(message) - 1)
  );
  const forward = (number: number, incarnation: string) => {
    const names = { sender: "x", owner: incarnation, number, oldest: number };
    return owner.ask({ type: "forward", ...names, key: "k", message: number }, "n2");
  };
  const rejected = await forward(1, "former");
  assertEquals(rejected?.code, ErrorCode.crash);
  assert(/outcome unknown: the owner restarted/.test(rejected?.text as string));
  assertEquals(await forward(2, owner.node.incarnation), { type: "forward_ok", offset: 0 });
  assertEquals(await forward(3, ""), { type: "forward_ok", offset: 1 });
  assertEquals(executed, [2, 3]);
});
