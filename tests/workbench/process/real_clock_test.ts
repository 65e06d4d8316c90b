import { assert, assertEquals, assertThrows } from "std/testing";
import { sleep } from "../../../lib/workbench/clock.ts";
import { type ClockHost, RealClock } from "../../../lib/workbench/process/real_clock.ts";

/** A runtime whose time a test sets. */
class FakeHost implements ClockHost {
  timeMs = 1000;
  /** The wake-ups that are set: a delay, or undefined for the next turn. */
  readonly pending: { readonly delayMs?: number; readonly fn: () => void }[] = [];
  /** All wake-ups that were ever set. */
  readonly set: (number | "turn")[] = [];

  now(): number {
    return this.timeMs;
  }

  startTimer(fn: () => void, delayMs: number): () => void {
    return this.#add({ fn, delayMs }, delayMs);
  }

  nextTurn(fn: () => void): () => void {
    return this.#add({ fn }, "turn");
  }

  /** Sets the time and runs the only wake-up, which may be early. */
  wake(timeMs: number): void {
    this.timeMs = 1000 + timeMs;
    assertEquals(this.pending.length, 1, "one wake-up is set");
    this.pending.pop()?.fn();
  }

  #add(wake: FakeHost["pending"][0], text: number | "turn"): () => void {
    this.pending.push(wake);
    this.set.push(text);
    return () => {
      const index = this.pending.indexOf(wake);
      if (index >= 0) this.pending.splice(index, 1);
    };
  }
}

function fakeClock() {
  const host = new FakeHost();
  const clock = new RealClock(host);
  const runs: unknown[] = [];
  const after = (delayMs: number, name: unknown = delayMs) =>
    clock.after(delayMs, () => runs.push(name));
  return { host, clock, runs, after };
}

Deno.test("a clock starts at 0", () => {
  const { host, clock } = fakeClock();
  assertEquals(clock.now(), 0);
  host.timeMs += 2.5;
  assertEquals(clock.now(), 2.5);
});

Deno.test("functions run by due time, then in scheduling order, and never before the caller returns", () => {
  const { host, runs, after } = fakeClock();
  for (const [delayMs, name] of [[20, "a"], [0, "b"], [5, "c"], [20, "d"], [-3, "e"], [5, "f"]]) {
    after(delayMs as number, name);
  }
  assertEquals(runs, []);
  host.wake(0);
  assertEquals(runs, ["b", "e"]);
  host.wake(5);
  assertEquals(runs, ["b", "e", "c", "f"]);
  host.wake(30);
  assertEquals(runs, ["b", "e", "c", "f", "a", "d"]);
  assertEquals(host.pending, []);
});

Deno.test("one wake-up is set at a time, for the first function", () => {
  const { host, after } = fakeClock();
  for (const delayMs of [9, 9, 12, 3, 0.5, 0.9]) after(delayMs);
  assertEquals(host.set, [9, 3, "turn"]);
  assertEquals(host.pending.length, 1);
});

Deno.test("a wait below 1 ms is a turn of the event loop, others are whole milliseconds of a timer", () => {
  for (const [delayMs, wake] of [[0, "turn"], [0.99, "turn"], [1, 1], [2.7, 2]] as const) {
    const { host, after } = fakeClock();
    after(delayMs);
    assertEquals(host.set, [wake]);
  }
});

Deno.test("a function that is due later than a timer can wait runs when it is due; Infinity is never", () => {
  const { host, runs, after } = fakeClock();
  after(Infinity);
  assertEquals(host.set, []);
  after(2 ** 31 + 5, "late");
  host.wake(2 ** 31 - 1);
  assertEquals(runs, []);
  host.wake(2 ** 31 + 5);
  assertEquals([runs, host.set], [["late"], [2 ** 31 - 1, 6]]);
});

Deno.test("a timer that fires early runs nothing, and is set again", () => {
  const { host, runs, after } = fakeClock();
  after(7);
  host.wake(6.6);
  assertEquals([runs, host.set], [[], [7, "turn"]]);
  host.wake(7);
  assertEquals(runs, [7]);
});

Deno.test("functions that become due in a turn run in it, for at most 10 ms", () => {
  const { host, clock, runs } = fakeClock();
  const again = () => {
    runs.push(clock.now());
    host.timeMs++;
    clock.after(0, again);
  };
  clock.after(0, again);
  host.wake(0);
  assertEquals(runs, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(host.set, ["turn", "turn"], "no wake-up is set during the turn");
  host.wake(50);
  assertEquals(runs.length, 20);
});

Deno.test("a cancelled function never runs; without others no wake-up remains", () => {
  const { host, runs, after } = fakeClock();
  const cancels = [3, 5, 5, 8].map((delayMs, index) => after(delayMs, index));
  cancels[2]?.();
  cancels[0]?.();
  assertEquals(host.pending.map(({ delayMs }) => delayMs), [5]);
  host.wake(5);
  cancels[1]?.();
  assertEquals([runs, host.pending.map(({ delayMs }) => delayMs)], [[1], [3]]);
  cancels[3]?.();
  assertEquals(host.pending, []);
});

Deno.test("a function can cancel one that is due in the same turn, and the last one", () => {
  const { host, clock, runs, after } = fakeClock();
  clock.after(1, () => {
    for (const cancel of cancels) cancel();
  });
  const cancels = [after(1), after(9)];
  host.wake(1);
  assertEquals([runs, host.pending], [[], []]);
});

Deno.test("a function that throws does not lose those that are due after it", () => {
  const { host, clock, runs, after } = fakeClock();
  clock.after(1, () => {
    throw new Error("planted");
  });
  after(1, "same time");
  assertThrows(() => host.wake(1), Error, "planted");
  host.wake(1);
  assertEquals(runs, ["same time"]);
});

Deno.test("a closed clock runs nothing and keeps no wake-up", () => {
  const { host, clock, after } = fakeClock();
  after(4);
  after(0);
  clock.close();
  assertEquals(host.pending, []);
});

Deno.test("with the runtime, functions that make each other due take few turns, and leave some to others", async () => {
  const clock = new RealClock();
  let runs = 0;
  const again = () => {
    if (++runs < 1000) clock.after(0, again);
  };
  clock.after(0, again);
  let turns = 0;
  for (; runs < 1000; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert(turns < 100, `1,000 functions took ${turns} turns`);

  const forever = () => void clock.after(0, forever);
  forever();
  while (clock.now() < 30) await new Promise((resolve) => setImmediate(resolve));
  const beginMs = clock.now();
  await sleep(clock, 5);
  assert(clock.now() >= beginMs + 5, "early");
  clock.close();

  const cancelled = new RealClock();
  let isRun = false;
  const cancels = [0, 2].map((delayMs) => cancelled.after(delayMs, () => isRun = true));
  for (const cancel of cancels) cancel();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert(!isRun);
});
