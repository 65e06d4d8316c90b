import { assertEquals } from "std/testing";
import { Gathering } from "../../../../lib/protocol/txn/root/gathering.ts";
import { FakeHost } from "../../../../lib/testing/fake_node.ts";

/** A gathering on a clock that a test moves, and when it was complete. */
function stage(window: number) {
  const atHand = { isWrite: true };
  const host = new FakeHost();
  const node = {
    now: () => host.now(),
    after: (milliseconds: number, fn: () => unknown) => host.startTimer(milliseconds, fn),
  };
  const gathering = new Gathering(node, () => window, () => atHand.isWrite);
  return {
    host,
    gathering,
    atHand,
    /** How long it takes, in milliseconds, if these arrive meanwhile. */
    async wait(arrivals: Readonly<Record<string, number>> = {}): Promise<number> {
      const began = host.elapsedMs;
      let end: number | undefined;
      gathering.complete().then(() => end = host.elapsedMs);
      for (const [requester, at] of Object.entries(arrivals)) {
        host.startTimer(at, () => gathering.arrived(requester, true));
      }
      for (let step = 0; step < 2 * window && end === undefined; step++) await host.advance(1);
      gathering.taken();
      return (end ?? Infinity) - began;
    },
  };
}

Deno.test("who asks alone waits for nobody", async () => {
  const { gathering, wait, host } = stage(20);
  for (let time = 0; time < 5; time++) {
    gathering.arrived("c1", true);
    assertEquals(await wait(), 0);
    await host.advance(10);
  }
});

Deno.test("who has asked lately is waited for until he comes, or until the window is over", async () => {
  const { gathering, wait } = stage(20);
  gathering.arrived("c1", true);
  gathering.arrived("c2", true);
  assertEquals(await wait(), 0);
  gathering.arrived("c1", true);
  assertEquals(await wait({ c2: 7 }), 7);
  gathering.arrived("c1", true);
  assertEquals(await wait(), 20);
});

Deno.test("who has not asked for five windows is not waited for", async () => {
  const { gathering, wait, host } = stage(20);
  gathering.arrived("c2", true);
  await wait();
  await host.advance(101);
  gathering.arrived("c1", true);
  assertEquals(await wait(), 0);
});

Deno.test("the window begins with the first to arrive", async () => {
  const { gathering, wait, host } = stage(20);
  gathering.arrived("c2", true);
  await wait();
  gathering.arrived("c1", true);
  await host.advance(15);
  assertEquals(await wait(), 5);
  gathering.arrived("c1", true);
  await host.advance(25);
  assertEquals(await wait(), 0);
});

Deno.test("who has been answered at once is not waited for, unless all the others only read", async () => {
  for (const isWrite of [true, false]) {
    const { gathering, wait, atHand } = stage(20);
    gathering.arrived("c2", true);
    await wait();
    atHand.isWrite = isWrite;
    gathering.arrived("c1", true);
    gathering.arrived("c2", false);
    assertEquals(await wait({ c2: 7 }), isWrite ? 0 : 7);
  }
});

Deno.test("when all have left there is nothing to wait for, and the next begins a window", async () => {
  const { gathering, wait, host } = stage(20);
  gathering.arrived("c2", true);
  await wait();
  gathering.arrived("c1", true);
  const complete = gathering.complete();
  await host.advance(15);
  gathering.left("c1");
  await complete;
  gathering.arrived("c2", true);
  assertEquals(await wait(), 20);
});

Deno.test("a clock that jumps makes nobody wait longer than a window", async () => {
  for (const jump of [-1e6, 1e6]) {
    const { gathering, wait, host } = stage(20);
    gathering.arrived("c2", true);
    await wait();
    gathering.arrived("c1", true);
    host.startsAtMs += jump;
    assertEquals(await wait() <= 20, true);
    gathering.arrived("c1", true);
    assertEquals(await wait() <= 20, true);
  }
});
