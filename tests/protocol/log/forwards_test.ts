import { assert, assertEquals } from "std/testing";
import type { Body, Message, Node } from "../../../lib/node/mod.ts";
import { Forwards } from "../../../lib/protocol/log/forwards.ts";
import { type Answer, FakeNode, settled } from "../../../lib/testing/fake_node.ts";
import { RpcError } from "../../../lib/wire/mod.ts";

/** A node that forwards sends to n2, which answers as it is told. */
class Sender {
  readonly node: FakeNode;
  readonly forwards: Forwards;
  readonly outcomes: unknown[] = [];

  constructor(answer: Answer) {
    let wired: Node | undefined;
    this.node = new FakeNode((node) => wired = node, { answer });
    const lifeOf = (name: string) => `life of ${name}`;
    this.forwards = new Forwards(wired as unknown as Node, { owner: "n2", window: 5, lifeOf });
  }

  send(message: number): void {
    const place = this.outcomes.push("nothing yet") - 1;
    this.forwards.send("k", message).then(
      (offset) => this.outcomes[place] = offset,
      (error) => this.outcomes[place] = { error: (error as RpcError).code },
    );
  }

  get requests(): Body[] {
    return this.node.host.sent.map(({ body }) => body).filter(({ type }) => type === "forward");
  }
}

/** Gives each message itself as its offset. */
function echo({ body }: Message): Body {
  if (body.type === "ping") return { type: "ping_ok" };
  const sends = body.sends as [string, number][];
  return { type: "forward_ok", offsets: sends.map(([, message]) => message) };
}

Deno.test("sends within a window go together, and each gets its own offset", async () => {
  const sender = new Sender(echo);
  sender.send(3);
  sender.send(5);
  await sender.node.host.advance(6);
  sender.send(8);
  await sender.node.host.advance(6);
  assertEquals(sender.outcomes, [3, 5, 8]);
  assertEquals(sender.requests.map(({ number, oldest, sends }) => [number, oldest, sends]), [
    [1, 1, [["k", 3], ["k", 5]]],
    [2, 2, [["k", 8]]],
  ]);
  assertEquals(sender.requests[0]?.sender, "life of n1");
  assertEquals(sender.requests[0]?.owner, "life of n2");
});

Deno.test("a batch without an answer is sent again, the same one", async () => {
  let lost = 2;
  const sender = new Sender((message) => lost-- > 0 ? undefined : echo(message));
  sender.send(3);
  await sender.node.host.advance(1500);
  assertEquals(sender.outcomes, [3]);
  assertEquals(sender.requests.length, 3);
  assertEquals(new Set(sender.requests.map((body) => JSON.stringify(body))).size, 1);
});

Deno.test("what has been on its way may have happened; what never left has not", async () => {
  let isCut = true;
  const sender = new Sender((message) => isCut ? undefined : echo(message));
  sender.send(1);
  await sender.node.host.advance(1200);
  sender.send(2);
  await settled();
  assertEquals(sender.outcomes, ["nothing yet", { error: 11 }]);
  await sender.node.host.advance(2500);
  assertEquals(sender.outcomes[0], { error: 0 });
  const sent = sender.requests.flatMap(({ sends }) => sends as [string, number][]);
  assert(sent.every(([, message]) => message === 1), "the second was never sent");
  isCut = false;
  await sender.node.host.advance(1000);
  sender.send(3);
  await sender.node.host.advance(10);
  assertEquals(sender.outcomes[2], 3);
});

Deno.test("a refusal by the owner is passed on", async () => {
  const sender = new Sender(() => ({ type: "error", code: 11, text: "not now" }));
  sender.send(1);
  await sender.node.host.advance(10);
  assertEquals(sender.outcomes, [{ error: 11 }]);
});
