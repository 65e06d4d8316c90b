import { assert, assertEquals } from "std/testing";
import { Lease } from "../../../../lib/protocol/txn/root/lease.ts";
import { FakeNode } from "../../../../lib/testing/fake_node.ts";

interface Fixture {
  readonly fake: FakeNode;
  readonly lease: Lease;
  /** Returns how long a back-off takes, in milliseconds. */
  timed(backOff: () => Promise<void>): Promise<number>;
}

/** A lease of 100 ms on a node whose round trips to the store take the given time. */
function setUp(roundTripMs = 0, nodes = ["n1", "n2"]): Fixture {
  const fake = new FakeNode(() => {}, { id: "n1", nodes, seed: "lease" });
  const { node } = fake;
  return {
    fake,
    lease: new Lease(node, 100, () => roundTripMs),
    async timed(backOff) {
      const startMs = node.monotonic();
      let isOver = false;
      backOff().then(() => isOver = true);
      for (let i = 0; i < 20_000 && !isOver; i++) {
        await fake.host.advance(1);
      }
      return node.monotonic() - startMs;
    },
  };
}

Deno.test("a lease expires after its length, and the back-off is longer than the other node's lease", async () => {
  const { fake, lease, timed } = setUp();
  assertEquals(lease.hasExpired, false);
  lease.start(true);
  await fake.host.advance(99);
  assertEquals(lease.hasExpired, false);
  await fake.host.advance(1);
  assertEquals(lease.hasExpired, true);
  assertEquals(await timed(() => lease.backOff()), 110);
  assertEquals(lease.maxBackoffMs, 110);
});

Deno.test("a node that was idle after its lease backs off for the remaining time only", async () => {
  const { fake, lease, timed } = setUp();
  lease.start(true);
  await fake.host.advance(180);
  assertEquals(await timed(() => lease.backOff()), 30);
  lease.start(true);
  await fake.host.advance(1000);
  assert(await timed(() => lease.backOff()) <= 1);
});

Deno.test("a lease does not expire while no other node commits, or while no peer is silent", async () => {
  const { fake, lease } = setUp();
  lease.start(false);
  await fake.host.advance(500);
  assertEquals(lease.hasExpired, false);
  lease.start(true);
  await fake.host.advance(500);
  lease.received("n2");
  assertEquals(lease.hasExpired, false);
  await fake.host.advance(1001);
  assertEquals(lease.hasExpired, true);
});

Deno.test("a lease never expires in a cluster of one node", async () => {
  const { fake, lease } = setUp(0, ["n1"]);
  lease.start(true);
  await fake.host.advance(500);
  assertEquals(lease.hasExpired, false);
});

Deno.test("the first failure backs off for the other node's lease, further ones with jitter", async () => {
  const { lease, timed } = setUp();
  assertEquals(await timed(() => lease.backOffAfterFailure()), 100);
  const backoffsMs: number[] = [];
  for (let i = 0; i < 8; i++) backoffsMs.push(await timed(() => lease.backOffAfterFailure()));
  assert(backoffsMs.every((ms) => ms >= 50 && ms <= 101), `${backoffsMs}`);
  assert(new Set(backoffsMs).size > 3, `${backoffsMs}`);
  lease.succeeded();
  assertEquals(await timed(() => lease.backOffAfterFailure()), 100);
});

Deno.test("a lease is at least four round trips long", async () => {
  const { fake, lease, timed } = setUp(200);
  lease.start(true);
  await fake.host.advance(799);
  assertEquals(lease.hasExpired, false);
  await fake.host.advance(1);
  assertEquals(lease.hasExpired, true);
  assertEquals(await timed(() => lease.backOff()), 800 + 2 * 200);
});

Deno.test("a jump of the wall clock changes no lease", async () => {
  const { fake, lease, timed } = setUp();
  lease.start(true);
  fake.host.startsAtMs -= 1e6;
  await fake.host.advance(99);
  assertEquals(lease.hasExpired, false);
  await fake.host.advance(1);
  assertEquals(lease.hasExpired, true);
  assertEquals(await timed(() => lease.backOff()), 110);
});

Deno.test("a node yields only without a lease, with a silent peer and measured round trips", async () => {
  const { lease, timed, fake } = setUp(50);
  lease.attempted();
  const pausesMs: number[] = [];
  for (let i = 0; i < 8; i++) {
    pausesMs.push(await timed(() => lease.yieldToOthers()));
    lease.attempted();
  }
  assert(pausesMs.every((ms) => ms <= 101) && Math.max(...pausesMs) > 20, `${pausesMs}`);
  lease.start(true);
  assert(await timed(() => lease.yieldToOthers()) <= 1);
  lease.start(false);
  lease.received("n2");
  assert(await timed(() => lease.yieldToOthers()) <= 1);
  await fake.host.advance(2000);
  // The last attempt ended long ago, so the other node had its chance.
  assert(await timed(() => lease.yieldToOthers()) <= 1);
});
