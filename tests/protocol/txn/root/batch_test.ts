import { assertEquals } from "std/testing";
import { ClosedLoops } from "../../../../lib/protocol/txn/root/batch.ts";
import { FakeHost } from "../../../../lib/testing/fake_host.ts";

const LINGER_MS = 20;

/** Senders on a clock that the test advances. */
function setUp(lingerMs = () => LINGER_MS) {
  const host = new FakeHost();
  const node = {
    monotonic: () => host.monotonic(),
    after: (delayMs: number, fn: () => unknown) => host.startTimer(delayMs, fn),
  };
  const senders = new ClosedLoops(node, lingerMs);
  return {
    host,
    senders,
    /** A sender sends a request and has its reply. */
    exchange(sender: string): void {
      senders.sent(sender);
      senders.replied(sender);
    },
    /**
     * Returns the wait for all senders, or for one, in milliseconds, if these send requests after
     * the given times.
     */
    async wait(requests: Readonly<Record<string, number>> = {}, only?: string): Promise<number> {
      const startMs = host.elapsedMs;
      let endMs: number | undefined;
      senders.haveSent(only).then(() => endMs = host.elapsedMs);
      for (const [sender, at] of Object.entries(requests)) {
        host.startTimer(at, () => senders.sent(sender));
      }
      for (let step = 0; step < 50 && endMs === undefined; step++) await host.advance(1);
      return (endMs ?? Infinity) - startMs;
    },
  };
}

Deno.test("a lone sender does not wait", async () => {
  const { senders, wait, host } = setUp();
  assertEquals(await wait(), 0);
  for (let time = 0; time < 5; time++) {
    senders.sent("c1");
    assertEquals(await wait(), 0);
    senders.replied("c1");
    await host.advance(10);
  }
});

Deno.test("a sender with an outstanding request is not waited for", async () => {
  const { senders, wait } = setUp();
  senders.sent("c1");
  senders.sent("c2");
  assertEquals(await wait(), 0);
});

Deno.test("recent senders are waited for, at most for the linger time", async () => {
  const { exchange, wait, host } = setUp();
  exchange("c1");
  exchange("c2");
  assertEquals(await wait({ c1: 3, c2: 8 }), 8);
  assertEquals(host.pendingTimers, 0);
  exchange("c2");
  assertEquals(await wait(), LINGER_MS);
  assertEquals(host.pendingTimers, 0);
});

Deno.test("a request that is answered at once does not end the wait", async () => {
  const { exchange, wait, host } = setUp();
  exchange("c1");
  for (const at of [5, LINGER_MS - 0.5]) host.startTimer(at, () => exchange("c1"));
  assertEquals(await wait(), LINGER_MS);
});

Deno.test("a wait for one sender does not end with the request of another", async () => {
  const { exchange, wait } = setUp();
  exchange("c1");
  exchange("c2");
  assertEquals(await wait({ c1: 3, c2: 8 }, "c2"), 8);
  assertEquals(await wait({}, "c3"), 0);
});

Deno.test("a sender is recent from its request until it was idle for five linger times", async () => {
  const { senders, host } = setUp();
  assertEquals(senders.isRecent("c1"), false);
  senders.sent("c1");
  await host.advance(200);
  assertEquals([senders.isRecent("c1"), senders.isRecent("c2")], [true, false]);
  senders.sent("c1");
  senders.replied("c1");
  await host.advance(99);
  assertEquals(senders.isRecent("c1"), true);
  await host.advance(1);
  assertEquals(senders.isRecent("c1"), false);
});

Deno.test("a sender that was idle for five linger times is not waited for", async () => {
  for (const [idleMs, waitMs] of [[99, LINGER_MS], [100, 0]] as const) {
    const { exchange, wait, host } = setUp();
    exchange("c1");
    await host.advance(idleMs);
    assertEquals(await wait(), waitMs);
  }
});

Deno.test("an idle sender is not waited for when the linger time grows later", async () => {
  let lingerMs = LINGER_MS;
  const { exchange, wait, host } = setUp(() => lingerMs);
  exchange("c1");
  await host.advance(100);
  assertEquals(await wait(), 0);
  lingerMs = 40;
  assertEquals(await wait(), 0);
});

Deno.test("a jump of the wall clock does not change the wait", async () => {
  for (const jump of [-1e6, 1e6]) {
    const { exchange, wait, host } = setUp();
    exchange("c1");
    host.startsAtMs += jump;
    assertEquals(await wait(), LINGER_MS);
  }
});
