import { assertEquals } from "std/testing";
import fc from "fast-check";
import { VirtualClock } from "../../../lib/workbench/sim/virtual_clock.ts";

function runAll(clock: VirtualClock): void {
  while (clock.step());
}

Deno.test("time jumps to the next event, and stands still while it runs", () => {
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

Deno.test("what is due at the same time happens in the order in which it was asked for", () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.after(5, () => {
    seen.push("first at 5");
    clock.after(0, () => seen.push("asked for at 5"));
  });
  clock.after(5, () => seen.push("second at 5"));
  clock.after(2, () => clock.after(3, () => seen.push("third at 5")));
  clock.after(0, () => seen.push("at 0"));
  runAll(clock);
  assertEquals(seen, ["at 0", "first at 5", "second at 5", "third at 5", "asked for at 5"]);
});

Deno.test("nothing runs before the caller returns, nor once it is prevented", () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.after(0, () => seen.push("ran"));
  const preventNow = clock.after(0, () => seen.push("prevented"));
  const preventLater = clock.after(7, () => seen.push("prevented"));
  assertEquals(seen, []);
  preventNow();
  preventLater();
  runAll(clock);
  assertEquals(seen, ["ran"]);
  assertEquals([clock.now(), clock.steps], [0, 1]);
});

Deno.test("negative waits are over at once, and endless ones never", () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  for (const wait of [Infinity, -3, NaN, 0]) clock.after(wait, () => seen.push(wait));
  runAll(clock);
  assertEquals(seen, [-3, NaN, 0]);
  assertEquals(clock.now(), 0);
});

Deno.test("preventing something twice, or after it happened, does not disturb others", () => {
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

Deno.test("events at one instant are counted anew when time passes", () => {
  const clock = new VirtualClock();
  const counts: number[] = [];
  const note = () => counts.push(clock.stepsAtInstant);
  clock.after(1, note);
  clock.after(1, () => clock.after(0, note));
  clock.after(2, note);
  runAll(clock);
  assertEquals(counts, [1, 3, 1]);
});

/** What a scripted event does: asks for others, prevents some that were asked for before. */
const scripts = fc.array(
  fc.record({
    wait: fc.constantFrom(0, 0, 1, 2, 2.5, 10, -1),
    asks: fc.nat(2),
    prevents: fc.option(fc.nat(60), { nil: undefined }),
  }),
  { maxLength: 80 },
);

Deno.test("any mixture of asking and preventing agrees with a naive list sorted by time", () => {
  fc.assert(
    fc.property(scripts, (script) => {
      assertEquals(runScript(script, new VirtualClock()), runScript(script, new NaiveClock()));
    }),
    { seed: 3, numRuns: 400 },
  );
});

type Script = readonly { wait: number; asks: number; prevents: number | undefined }[];

function runScript(script: Script, clock: VirtualClock | NaiveClock): string[] {
  const seen: string[] = [];
  const cancels: (() => void)[] = [];
  let next = 0;
  const ask = () => {
    const index = next++;
    const line = script[index];
    if (line === undefined) return;
    cancels[index] = clock.after(line.wait, () => {
      seen.push(`${index} at ${clock.now()}`);
      for (let count = 0; count < line.asks; count++) ask();
      if (line.prevents !== undefined) cancels[line.prevents]?.();
    });
  };
  for (let count = 0; count < 10; count++) ask();
  while (clock.step());
  return seen;
}

class NaiveClock {
  #now = 0;
  #events: { due: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const event = { due: this.#now + Math.max(0, milliseconds), run };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  step(): boolean {
    this.#events.sort((a, b) => a.due - b.due);
    const event = this.#events.shift();
    if (event === undefined) return false;
    this.#now = event.due;
    event.run();
    return true;
  }
}
