import { assert, assertEquals } from "std/testing";
import { Outbox, type OutboxParts } from "../../../lib/transport/nats/outbox.ts";

const MIB = 1024 * 1024;

/** An outbox whose connection records, and confirms when the test says so. */
function makeOutbox(options: Partial<OutboxParts> = {}) {
  const published: string[] = [];
  const confirmations: PromiseWithResolvers<void>[] = [];
  const outbox = new Outbox({
    maxMessages: 3,
    maxBytes: 100 * MIB,
    drops: "oldest",
    publish: (subject) => void published.push(subject),
    confirm() {
      const confirmation = Promise.withResolvers<void>();
      confirmations.push(confirmation);
      return confirmation.promise;
    },
    ...options,
  });
  return { outbox, published, confirmations };
}

const small = new Uint8Array(10);

Deno.test("a connected outbox publishes immediately", () => {
  const { outbox, published } = makeOutbox();
  outbox.push("n1", "a", small);
  outbox.push("n1", "b", small);
  assertEquals(published, ["a", "b"]);
  assertEquals(outbox.waiting, 0);
});

for (
  const { drops, kept } of [
    { drops: "oldest", kept: ["c", "d", "e"] },
    { drops: "newest", kept: ["a", "b", "c"] },
  ] as const
) {
  Deno.test(`a full queue drops the ${drops} message of its peer, and counts it`, () => {
    const { outbox, published } = makeOutbox({ drops });
    outbox.setConnected(false);
    outbox.push("n2", "other", small);
    for (const subject of ["a", "b", "c", "d", "e"]) outbox.push("n1", subject, small);
    assertEquals({ published: [...published], dropped: outbox.dropped, waiting: outbox.waiting }, {
      published: [],
      dropped: 2,
      waiting: 4,
    });
    outbox.setConnected(true);
    assertEquals(published, ["other", kept[0], kept[1], kept[2]]);
    assertEquals(outbox.waiting, 0);
  });
}

Deno.test("a queue is bounded by bytes, too", () => {
  const { outbox, published } = makeOutbox({ maxMessages: 100, maxBytes: 25 });
  outbox.setConnected(false);
  for (const subject of ["a", "b", "c"]) outbox.push("n1", subject, small);
  outbox.push("n1", "larger than the queue", new Uint8Array(26));
  assertEquals(outbox.dropped, 2);
  outbox.setConnected(true);
  assertEquals(published, ["b", "c"]);
});

Deno.test("a server that confirms nothing receives a bounded number of bytes", async () => {
  const { outbox, published, confirmations } = makeOutbox({ maxMessages: 1000 });
  for (let index = 0; index < 20; index++) outbox.push("n1", `${index}`, new Uint8Array(MIB));
  const first = published.length;
  assert(first < 10, `${first} MiB were handed over`);
  let isDrained = false;
  const drained = outbox.drained().then(() => isDrained = true);
  while (outbox.waiting > 0) {
    assert(!isDrained);
    const before = published.length;
    confirmations.shift()?.resolve();
    await new Promise((resolve) => setTimeout(resolve));
    assert(published.length > before, "a confirmation lets further messages go");
  }
  assertEquals(published, Array.from({ length: 20 }, (_, index) => `${index}`));
  await drained;
});

Deno.test("a message waits behind earlier ones of its peer", async () => {
  const { outbox, published, confirmations } = makeOutbox();
  for (let index = 0; index < 4; index++) outbox.push("n1", `${index}`, new Uint8Array(MIB));
  outbox.push("n1", "large", new Uint8Array(MIB));
  outbox.push("n1", "small", small);
  assertEquals(published, ["0", "1", "2", "3"]);
  confirmations[0]?.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(published.slice(4), ["large"]);
  confirmations[1]?.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(published.slice(4), ["large", "small"]);
});

Deno.test("a connection that breaks ends the wait for its confirmation", async () => {
  const { outbox, published, confirmations } = makeOutbox({ maxMessages: 10 });
  for (let index = 0; index < 5; index++) outbox.push("n1", `${index}`, new Uint8Array(MIB));
  assertEquals(published.length, 4);
  outbox.setConnected(false);
  confirmations[0]?.reject(new Error("disconnected"));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(published.length, 4);
  outbox.setConnected(true);
  assertEquals(published.length, 5);
});
