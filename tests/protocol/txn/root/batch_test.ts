import { assertEquals } from "std/testing";
import { BatchWindow } from "../../../../lib/protocol/txn/root/batch.ts";
import { FakeHost } from "../../../../lib/testing/fake_host.ts";

/** A window on a clock that the test advances. */
function setUp(lingerMs: number) {
  const batch = { hasWrites: true };
  const host = new FakeHost();
  const node = {
    monotonic: () => host.monotonic(),
    after: (delayMs: number, fn: () => unknown) => host.startTimer(delayMs, fn),
  };
  const window = new BatchWindow(node, () => lingerMs, () => batch.hasWrites);
  return {
    host,
    window,
    batch,
    /** Returns how long the window stays open, in milliseconds, if these senders arrive later. */
    async wait(arrivals: Readonly<Record<string, number>> = {}): Promise<number> {
      const startMs = host.elapsedMs;
      let endMs: number | undefined;
      window.closed().then(() => endMs = host.elapsedMs);
      for (const [sender, at] of Object.entries(arrivals)) {
        host.startTimer(at, () => window.arrived(sender, true));
      }
      for (let step = 0; step < 2 * lingerMs && endMs === undefined; step++) await host.advance(1);
      window.seal();
      return (endMs ?? Infinity) - startMs;
    },
  };
}

Deno.test("a lone client does not wait", async () => {
  const { window, wait, host } = setUp(20);
  for (let time = 0; time < 5; time++) {
    window.arrived("c1", true);
    assertEquals(await wait(), 0);
    await host.advance(10);
  }
});

Deno.test("the window stays open for a recent sender, at most for the linger time", async () => {
  const { window, wait } = setUp(20);
  window.arrived("c1", true);
  window.arrived("c2", true);
  assertEquals(await wait(), 0);
  window.arrived("c1", true);
  assertEquals(await wait({ c2: 7 }), 7);
  window.arrived("c1", true);
  assertEquals(await wait(), 20);
});

Deno.test("the window does not wait for a sender that was idle for five windows", async () => {
  for (const [idleMs, waitMs] of [[99, 20], [100, 0]] as const) {
    const { window, wait, host } = setUp(20);
    window.arrived("c2", true);
    await wait();
    await host.advance(idleMs);
    window.arrived("c1", true);
    assertEquals(await wait(), waitMs);
  }
});

Deno.test("the window opens with the first arrival", async () => {
  const { window, wait, host } = setUp(20);
  window.arrived("c2", true);
  await wait();
  window.arrived("c1", true);
  await host.advance(15);
  assertEquals(await wait(), 5);
  window.arrived("c1", true);
  await host.advance(25);
  assertEquals(await wait(), 0);
});

Deno.test("a served sender keeps the window open only if the batch is read-only", async () => {
  for (const hasWrites of [true, false]) {
    const { window, wait, batch } = setUp(20);
    window.arrived("c2", true);
    await wait();
    batch.hasWrites = hasWrites;
    window.arrived("c1", true);
    window.arrived("c2", false);
    assertEquals(await wait({ c2: 7 }), hasWrites ? 0 : 7);
  }
});

Deno.test("the window closes when all senders have left, and the next arrival opens another", async () => {
  const { window, wait, host } = setUp(20);
  window.arrived("c2", true);
  await wait();
  window.arrived("c1", true);
  const closed = window.closed();
  await host.advance(15);
  window.left("c1");
  await closed;
  window.arrived("c2", true);
  assertEquals(await wait(), 20);
});

Deno.test("a jump of the wall clock does not change the window", async () => {
  for (const jump of [-1e6, 1e6]) {
    const { window, wait, host } = setUp(20);
    window.arrived("c2", true);
    await wait();
    window.arrived("c1", true);
    host.startsAtMs += jump;
    assertEquals(await wait(), 20);
    window.arrived("c1", true);
    assertEquals(await wait(), 20);
  }
});
