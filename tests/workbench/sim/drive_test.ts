import { assert, assertEquals, assertRejects } from "std/testing";
import { sleep } from "../../../lib/workbench/clock.ts";
import { DeadlockError, LivelockError } from "../../../lib/workbench/sim/drive.ts";
import { inVirtualTime } from "../../support/in_virtual_time.ts";

/** Resolves after the given number of microtasks. */
async function microtasks(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await null;
}

Deno.test("an hour of virtual time passes immediately, and the drive returns the test's result", async () => {
  const elapsed = await inVirtualTime(async (clock) => {
    await sleep(clock, 3_600_000);
    return clock.now();
  });
  assertEquals(elapsed, 3_600_000);
});

Deno.test("all microtasks of an event run before the next event", async () => {
  const seen: string[] = [];
  await inVirtualTime(async (clock) => {
    for (const name of ["a", "b", "c"]) {
      clock.after(1, async () => {
        seen.push(`${name} begins`);
        await microtasks(1000);
        seen.push(`${name} ends at ${clock.now()}`);
      });
    }
    await sleep(clock, 2);
  });
  assertEquals(seen, [
    "a begins",
    "a ends at 1",
    "b begins",
    "b ends at 1",
    "c begins",
    "c ends at 1",
  ]);
});

Deno.test("an exception in the test or in an event rejects the drive", async () => {
  await assertRejects(
    () => inVirtualTime(() => Promise.reject(new RangeError("the test"))),
    RangeError,
    "the test",
  );
  await assertRejects(
    () =>
      inVirtualTime(async (clock) => {
        clock.after(1, () => {
          throw new RangeError("an event");
        });
        await sleep(clock, 2);
      }),
    RangeError,
    "an event",
  );
});

Deno.test("a test that waits without a scheduled event rejects with a DeadlockError that has the time", async () => {
  await assertRejects(
    () =>
      inVirtualTime(async (clock) => {
        await sleep(clock, 1250);
        await new Promise(() => {});
      }),
    DeadlockError,
    "the test still waits at 1250 ms of virtual time, but no message is in flight",
  );
});

Deno.test("too many events at one instant reject with a LivelockError that names the nodes", async () => {
  await assertRejects(
    () =>
      inVirtualTime(async (clock) => {
        await sleep(clock, 5);
        const again = () => void clock.after(0, again);
        again();
        await sleep(clock, 1);
      }, 5000),
    LivelockError,
    "more than 5000 events at 5 ms of virtual time. The last 1000 events by node: " +
      "the workbench itself (1000)",
  );
});

Deno.test("real timers of the process fire while virtual time advances", async () => {
  let ticks = 0;
  let stop = false;
  const timer = setInterval(() => {
    ticks++;
    stop = ticks === 3;
  }, 1);
  await inVirtualTime(async (clock) => {
    while (!stop) await sleep(clock, 1);
  });
  clearInterval(timer);
  assert(ticks >= 3);
});

Deno.test("two drives in one process are independent", async () => {
  const times = (step: number) =>
    inVirtualTime(async (clock) => {
      const seen: number[] = [];
      for (let count = 0; count < 1000; count++) {
        await sleep(clock, step);
        seen.push(clock.now());
      }
      return seen;
    });
  const together = await Promise.all([times(1), times(7)]);
  assertEquals(together, [await times(1), await times(7)]);
});
