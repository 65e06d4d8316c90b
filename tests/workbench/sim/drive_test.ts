import { assert, assertEquals, assertRejects } from "std/testing";
import { sleep } from "../../../lib/workbench/clock.ts";
import { DeadlockError, LivelockError } from "../../../lib/workbench/sim/drive.ts";
import { inVirtualTime } from "../../support/in_virtual_time.ts";

/** An async function that goes through so many turns of the microtask queue. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await null;
}

Deno.test("an hour passes at once, and a test gets what it waits for", async () => {
  const elapsed = await inVirtualTime(async (clock) => {
    await sleep(clock, 3_600_000);
    return clock.now();
  });
  assertEquals(elapsed, 3_600_000);
});

Deno.test("all that an event sets going is done before the next event, however many promises it takes", async () => {
  const seen: string[] = [];
  await inVirtualTime(async (clock) => {
    for (const name of ["a", "b", "c"]) {
      clock.after(1, async () => {
        seen.push(`${name} begins`);
        await turns(1000);
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

Deno.test("what a test throws, and what an event throws, ends the drive with that", async () => {
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

Deno.test("a test that waits for what cannot happen any more is told so, with the time", async () => {
  await assertRejects(
    () =>
      inVirtualTime(async (clock) => {
        await sleep(clock, 1250);
        await new Promise(() => {});
      }),
    DeadlockError,
    "at 1250 ms of virtual time no message is on its way",
  );
});

Deno.test("time that stands still is noticed, and whose events they were is told", async () => {
  await assertRejects(
    () =>
      inVirtualTime(async (clock) => {
        await sleep(clock, 5);
        const again = () => void clock.after(0, again);
        again();
        await sleep(clock, 1);
      }, 5000),
    LivelockError,
    "more than 5000 events at 5 ms of virtual time. Whose the last 1000 were: " +
      "the workbench itself (1000)",
  );
});

Deno.test("the rest of the process gets its turn while time is driven", async () => {
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

Deno.test("two drives in one process do not disturb each other", async () => {
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
