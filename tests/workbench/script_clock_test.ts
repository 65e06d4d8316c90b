import { assert, assertEquals } from "std/testing";
import { ScriptClock } from "../../lib/workbench/script_clock.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";

/** Returns a script's clock that starts at a time. */
function startedAt(beginMs: number) {
  const clock = new VirtualClock();
  clock.after(beginMs, () => {});
  clock.step();
  return { clock, script: new ScriptClock(clock) };
}

Deno.test("a wait ends exactly at its time, although fractions are rounded", async () => {
  for (const [beginMs, timeMs] of [[0.1, 0.2], [0.3, 0.6], [1234.567, 89.1], [0, 5]] as const) {
    const { clock, script } = startedAt(beginMs);
    const reached: number[] = [];
    script.until(timeMs).then(() => reached.push(script.now()));
    while (clock.step()) await Promise.resolve();
    await Promise.resolve();
    assertEquals(reached, [timeMs]);
    script.until(timeMs / 2);
    assertEquals(script.now(), timeMs, "a wait for an earlier time changes nothing");
  }
});

Deno.test("the time of a script is never later than the present", () => {
  for (let index = 1; index < 2000; index++) {
    const beginMs = index / 7;
    const { clock, script } = startedAt(beginMs);
    clock.after(index * 0.1, () => {});
    clock.step();
    assert(beginMs + script.now() <= clock.now(), `${beginMs} + ${script.now()}`);
    assert(clock.now() - (beginMs + script.now()) < 1e-9);
  }
});

Deno.test("a wait for a time that has passed ends immediately, a stopped one never", async () => {
  const { clock, script } = startedAt(10);
  let ended = 0;
  script.until(0).then(() => ended++);
  script.until(-5).then(() => ended++);
  script.until(7).then(() => ended++);
  await Promise.resolve();
  assertEquals(ended, 2);
  script.stop();
  assertEquals([clock.step(), ended], [false, 2]);
});

Deno.test("waits move back behind the events that are scheduled at their time", async () => {
  const { clock, script } = startedAt(0);
  const order: string[] = [];
  const waited = script.until(5).then(() => order.push("wait"));
  clock.after(5, () => order.push("event"));
  script.moveBack();
  while (clock.step()) await Promise.resolve();
  await waited;
  assertEquals(order, ["event", "wait"]);
  const kept = startedAt(0);
  const first: string[] = [];
  kept.script.until(5).then(() => first.push("wait"));
  kept.clock.after(5, () => first.push("event"));
  while (kept.clock.step()) await Promise.resolve();
  assertEquals(first, ["wait", "event"]);
});
