import { assert, assertEquals, assertRejects } from "std/testing";
import { ForwardedSends } from "../../../lib/protocol/log/forwarded_sends.ts";

function counted() {
  const forwarded = new ForwardedSends();
  let done = 0;
  const act = () => [done++];
  const once = (number: number, oldest: number, sender = "a") =>
    forwarded.once({ sender, number, oldest }, act);
  return { once, forwarded, done: () => done };
}

Deno.test("a batch is done once and answered alike each time it comes", () => {
  const { once, done } = counted();
  assertEquals([once(1, 1), once(2, 1), once(1, 1)], [[0], [1], [0]]);
  assertEquals(once(1, 1, "b"), [2]);
  assertEquals(done(), 3);
});

Deno.test("a batch that nobody waits for any more is not done", () => {
  const { once, done } = counted();
  once(3, 3);
  assertEquals(once(1, 1), undefined);
  assertEquals(once(2, 2), undefined);
  assertEquals(once(3, 3), [0]);
  assertEquals(once(3, 4), undefined);
  assertEquals(done(), 1);
});

Deno.test("a refusal is remembered, so that it stays true", async () => {
  const { forwarded } = counted();
  const batch = { sender: "a", number: 1, oldest: 1 };
  const refused = forwarded.once(batch, () => Promise.reject(new Error("not now")));
  assert(refused instanceof Promise);
  await assertRejects(() => refused as Promise<unknown>, Error, "not now");
  await assertRejects(() => forwarded.once(batch, () => [0]) as Promise<unknown>, Error, "not now");
});
