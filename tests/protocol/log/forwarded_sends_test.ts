import { assert, assertEquals, assertRejects } from "std/testing";
import { ForwardedSends } from "../../../lib/protocol/log/forwarder.ts";

function counting() {
  const forwarded = new ForwardedSends();
  let executions = 0;
  const execute = () => [executions++];
  const once = (number: number, oldest: number, sender = "a") =>
    forwarded.once({ sender, number, oldest }, execute);
  return { once, forwarded, executions: () => executions };
}

Deno.test("ForwardedSends executes a batch once and returns the same outcome each time", () => {
  const { once, executions } = counting();
  assertEquals([once(1, 1), once(2, 1), once(1, 1)], [[0], [1], [0]]);
  assertEquals(once(1, 1, "b"), [2]);
  assertEquals(executions(), 3);
});

Deno.test("ForwardedSends does not execute a batch whose reply the sender no longer awaits", () => {
  const { once, executions } = counting();
  once(3, 3);
  assertEquals(once(1, 1), undefined);
  assertEquals(once(2, 2), undefined);
  assertEquals(once(3, 3), [0]);
  assertEquals(once(3, 4), undefined);
  assertEquals(executions(), 1);
});

Deno.test("ForwardedSends returns a failure each time, so that it stays definite", async () => {
  const { forwarded } = counting();
  const batch = { sender: "a", number: 1, oldest: 1 };
  const failed = forwarded.once(batch, () => Promise.reject(new Error("not now")));
  assert(failed instanceof Promise);
  await assertRejects(() => failed as Promise<unknown>, Error, "not now");
  await assertRejects(() => forwarded.once(batch, () => [0]) as Promise<unknown>, Error, "not now");
});
