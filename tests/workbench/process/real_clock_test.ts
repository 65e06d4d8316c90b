import { assert, assertEquals } from "std/testing";
import { sleep } from "../../../lib/workbench/clock.ts";
import { RealClock } from "../../../lib/workbench/process/real_clock.ts";

/** Counts the turns of the event loop until `done()` holds. */
async function turnsUntil(done: () => boolean): Promise<number> {
  let turns = 0;
  while (!done()) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  return turns;
}

Deno.test("functions that make each other due run in a few turns of the event loop, not one each", async () => {
  const clock = new RealClock();
  let runs = 0;
  const again = () => {
    if (++runs < 1000) clock.after(0, again);
  };
  clock.after(0, again);
  const turns = await turnsUntil(() => runs === 1000);
  assert(turns < 100, `1,000 functions took ${turns} turns`);
  clock.close();
});

Deno.test("functions that always make each other due leave turns to the event loop", async () => {
  const clock = new RealClock();
  const again = () => void clock.after(0, again);
  again();
  await turnsUntil(() => clock.now() > 30);
  clock.close();
});

Deno.test("functions run in the order of their due times, then of scheduling, and never early", async () => {
  const clock = new RealClock();
  const order: string[] = [];
  const delays = [20, 0, 5, 0.2, -1, 20, 5];
  const schedule = (delayMs: number, index: number) => {
    const dueMs = clock.now() + Math.max(0, delayMs);
    clock.after(delayMs, () => {
      assert(clock.now() >= dueMs, `${delayMs} ms ran ${dueMs - clock.now()} ms early`);
      order.push(`${delayMs} ${index}`);
    });
  };
  delays.forEach(schedule);
  assertEquals(order, [], "nothing runs before the caller returns");
  await sleep(clock, 40);
  assertEquals(order.filter((text) => text.startsWith("20")), ["20 0", "20 5"]);
  assertEquals(order.filter((text) => text.startsWith("5")), ["5 2", "5 6"]);
  assertEquals(order.map((text) => Number(text.split(" ")[0])).slice(-2), [20, 20]);
  assertEquals(order.length, delays.length);
  clock.close();
});

Deno.test("an earlier function that is scheduled later is not delayed by a later one", async () => {
  const clock = new RealClock();
  let isLate = false;
  clock.after(60_000, () => isLate = true);
  await sleep(clock, 2);
  assert(!isLate);
  clock.close();
});

Deno.test("a cancelled function never runs, and the others still do", async () => {
  const clock = new RealClock();
  const runs: string[] = [];
  const cancels = ["a", "b", "c"].map((name) => clock.after(1, () => runs.push(name)));
  cancels[0]?.();
  cancels[2]?.();
  clock.after(1, () => cancelled());
  const cancelled = clock.after(1, () => runs.push("cancelled in the same turn"));
  await sleep(clock, 5);
  cancels[1]?.();
  assertEquals(runs, ["b"]);
  clock.close();
});

Deno.test("a function that throws does not lose those that are due with it", async () => {
  const clock = new RealClock();
  const caught: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    caught.push(event.error);
  };
  globalThis.addEventListener("error", onError);
  const error = new Error("planted");
  clock.after(0, () => {
    throw error;
  });
  await sleep(clock, 0);
  globalThis.removeEventListener("error", onError);
  assertEquals(caught, [error]);
  clock.close();
});

Deno.test("a clock whose functions are all cancelled or closed keeps no timer", async () => {
  // Deno's test sanitizer fails this test when a timer is left.
  const cancelledClock = new RealClock();
  cancelledClock.after(60_000, () => {})();
  const first = cancelledClock.after(50_000, () => {});
  cancelledClock.after(60_000, () => {})();
  first();
  const closed = new RealClock();
  closed.after(60_000, () => {});
  closed.after(0, () => assert(false, "the clock was closed"));
  closed.close();
  await new Promise((resolve) => setImmediate(resolve));
});
