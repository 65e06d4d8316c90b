import { assertEquals } from "std/testing";
import fc from "fast-check";
import { VirtualClock } from "../../../lib/workbench/sim/virtual_clock.ts";

function runAll(clock: VirtualClock): void {
  while (clock.step());
}

Deno.test("time jumps to the next event and does not advance while it runs", () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  clock.after(250.5, () => times.push(clock.now(), clock.now()));
  clock.after(10, () => times.push(clock.now()));
  assertEquals(clock.now(), 0);
  runAll(clock);
  assertEquals(times, [10, 250.5, 250.5]);
  assertEquals(clock.step(), false);
  assertEquals(clock.now(), 250.5);
});

Deno.test("events at the same time run in scheduling order", () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.after(5, () => {
    seen.push("first at 5");
    clock.after(0, () => seen.push("scheduled at 5"));
  });
  clock.after(5, () => seen.push("second at 5"));
  clock.after(2, () => clock.after(3, () => seen.push("third at 5")));
  clock.after(0, () => seen.push("at 0"));
  runAll(clock);
  assertEquals(seen, ["at 0", "first at 5", "second at 5", "third at 5", "scheduled at 5"]);
});

Deno.test("an event never runs before the caller returns or after it was cancelled", () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.after(0, () => seen.push("ran"));
  const cancelNow = clock.after(0, () => seen.push("cancelled"));
  const cancelLater = clock.after(7, () => seen.push("cancelled"));
  assertEquals(seen, []);
  cancelNow();
  cancelLater();
  runAll(clock);
  assertEquals(seen, ["ran"]);
  assertEquals([clock.now(), clock.steps], [0, 1]);
});

Deno.test("a negative delay is 0, and an infinite one never ends", () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  for (const delay of [Infinity, -3, NaN, 0]) clock.after(delay, () => seen.push(delay));
  runAll(clock);
  assertEquals(seen, [-3, NaN, 0]);
  assertEquals(clock.now(), 0);
});

Deno.test("cancelling an event twice, or after it ran, does not affect other events", () => {
  const clock = new VirtualClock();
  let count = 0;
  const cancels = Array.from({ length: 3000 }, (_, index) => clock.after(index, () => count++));
  for (const cancel of [...cancels.slice(100), ...cancels.slice(100)]) cancel();
  runAll(clock);
  for (const cancel of cancels) cancel();
  clock.after(1, () => count++);
  runAll(clock);
  assertEquals([count, clock.now()], [101, 100]);
});

Deno.test("stepsAtInstant restarts when time advances", () => {
  const clock = new VirtualClock();
  const counts: number[] = [];
  const note = () => counts.push(clock.stepsAtInstant);
  clock.after(1, note);
  clock.after(1, () => clock.after(0, note));
  clock.after(2, note);
  runAll(clock);
  assertEquals(counts, [1, 3, 1]);
});

/** Each scripted event schedules others and cancels an earlier one. */
const scripts = fc.array(
  fc.record({
    delayMs: fc.constantFrom(0, 0, 1, 2, 2.5, 10, -1),
    schedules: fc.nat(2),
    cancels: fc.option(fc.nat(60), { nil: undefined }),
  }),
  { maxLength: 80 },
);

Deno.test("any mixture of scheduling and cancelling agrees with a list sorted by time", () => {
  fc.assert(
    fc.property(scripts, (script) => {
      assertEquals(runScript(script, new VirtualClock()), runScript(script, new NaiveClock()));
    }),
    { seed: 3, numRuns: 400 },
  );
});

type Script = readonly { delayMs: number; schedules: number; cancels: number | undefined }[];

function runScript(script: Script, clock: VirtualClock | NaiveClock): string[] {
  const seen: string[] = [];
  const cancels: (() => void)[] = [];
  let next = 0;
  const schedule = () => {
    const index = next++;
    const line = script[index];
    if (line === undefined) return;
    cancels[index] = clock.after(line.delayMs, () => {
      seen.push(`${index} at ${clock.now()}`);
      for (let count = 0; count < line.schedules; count++) schedule();
      if (line.cancels !== undefined) cancels[line.cancels]?.();
    });
  };
  for (let count = 0; count < 10; count++) schedule();
  while (clock.step());
  return seen;
}

class NaiveClock {
  #now = 0;
  #events: { timeMs: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const event = { timeMs: this.#now + Math.max(0, delayMs), run };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  step(): boolean {
    this.#events.sort((a, b) => a.timeMs - b.timeMs);
    const event = this.#events.shift();
    if (event === undefined) return false;
    this.#now = event.timeMs;
    event.run();
    return true;
  }
}
