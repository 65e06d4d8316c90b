import { assertEquals } from "std/testing";
import { Regulars } from "../../../../lib/protocol/txn/root/regulars.ts";
import { FakeHost } from "../../../../lib/testing/fake_node.ts";

/** Regulars on a clock that a test moves. */
function stage() {
  const host = new FakeHost();
  const regulars = new Regulars({
    now: () => host.now(),
    after: (milliseconds, fn) => host.startTimer(milliseconds, fn),
  }, () => 20);
  return {
    host,
    asks(client: string) {
      const request = { isAnswered: false };
      regulars.asked(client, request);
      return request;
    },
    /** How long it takes until all are back, in milliseconds, if these ask again meanwhile. */
    async wait(again: Readonly<Record<string, number>> = {}): Promise<number> {
      const began = host.elapsedMs;
      let end: number | undefined;
      regulars.back().then(() => end = host.elapsedMs);
      for (const [client, at] of Object.entries(again)) {
        host.startTimer(at, () => regulars.asked(client, { isAnswered: false }));
      }
      for (let step = 0; step < 50 && end === undefined; step++) await host.advance(1);
      return (end ?? Infinity) - began;
    },
  };
}

Deno.test("nobody is waited for as long as all who ask wait for answers", async () => {
  const { asks, wait } = stage();
  assertEquals(await wait(), 0);
  asks("c1");
  assertEquals(await wait(), 0);
});

Deno.test("who has had an answer is waited for until he asks again, a window at most", async () => {
  const { asks, wait } = stage();
  const [one, two] = [asks("c1"), asks("c2")];
  one.isAnswered = true;
  two.isAnswered = true;
  assertEquals(await wait({ c1: 3, c2: 8 }), 8);
  asks("c1").isAnswered = true;
  assertEquals(await wait(), 20);
});

Deno.test("who has not asked for five windows is no regular client any more", async () => {
  const { asks, wait, host } = stage();
  asks("c1").isAnswered = true;
  await host.advance(100);
  assertEquals(await wait(), 0);
});
