import { assertEquals } from "std/testing";
import { ClosedLoopClients } from "../../../../lib/protocol/txn/root/closed_loop_clients.ts";
import { FakeHost } from "../../../../lib/testing/fake_node.ts";

/** Clients with a window of 20 ms, on a clock that the test advances. */
function setUp() {
  const host = new FakeHost();
  const clients = new ClosedLoopClients({
    monotonic: () => host.monotonic(),
    after: (delayMs, fn) => host.startTimer(delayMs, fn),
  }, () => 20);
  return {
    host,
    sends(client: string) {
      const request = { isSettled: false };
      clients.received(client, request);
      return request;
    },
    /** Returns the wait in milliseconds, if these clients send requests after the given times. */
    async wait(requests: Readonly<Record<string, number>> = {}): Promise<number> {
      const startMs = host.elapsedMs;
      let endMs: number | undefined;
      clients.allSent().then(() => endMs = host.elapsedMs);
      for (const [client, at] of Object.entries(requests)) {
        host.startTimer(at, () => clients.received(client, { isSettled: false }));
      }
      for (let step = 0; step < 50 && endMs === undefined; step++) await host.advance(1);
      return (endMs ?? Infinity) - startMs;
    },
  };
}

Deno.test("allSent resolves immediately while each client has an outstanding request", async () => {
  const { sends, wait } = setUp();
  assertEquals(await wait(), 0);
  sends("c1");
  assertEquals(await wait(), 0);
});

Deno.test("allSent waits for the next request of a client with a reply, at most a window", async () => {
  const { sends, wait } = setUp();
  const [one, two] = [sends("c1"), sends("c2")];
  one.isSettled = true;
  two.isSettled = true;
  assertEquals(await wait({ c1: 3, c2: 8 }), 8);
  sends("c1").isSettled = true;
  assertEquals(await wait(), 20);
});

Deno.test("allSent does not wait for a client that was idle for five windows", async () => {
  const { sends, wait, host } = setUp();
  sends("c1").isSettled = true;
  await host.advance(100);
  assertEquals(await wait(), 0);
});
