import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { chooseWorld, heldFault, WORLDS } from "../../../lib/workbench/explore/worlds.ts";

/** Returns a source whose `next` returns the same fraction each time. */
function constant(fraction: number): Random {
  return Object.assign(new Random(0), { next: () => fraction });
}

Deno.test("worlds share the range of a random number; most of it is the usual one's", () => {
  const ends = [1, 2, 10, 34 / 3, 38 / 3].map((parts) => parts / 64);
  const names = ["large", "long", "unstable", "writes", "burst"] as const;
  for (const [index, name] of names.entries()) {
    assertEquals(chooseWorld(constant((ends[index - 1] ?? 0) + 0.0001)), name);
    assertEquals(chooseWorld(constant((ends[index] as number) - 0.0001)), name);
  }
  assertEquals(chooseWorld(constant(0.2)), "usual");
  assertEquals(chooseWorld(constant(0.9999)), "usual");
});

Deno.test("a world of writes restarts nodes half of the time, and is over within seconds", () => {
  for (const world of [WORLDS.writes, WORLDS.burst]) {
    assertEquals(world.restartProbability, 0.5);
    assert(world.operations >= 1000 && world.skippedReads > 0.9);
    const sendingSeconds = world.operations / world.ratePerSecond;
    assert(sendingSeconds <= world.timeLimitSeconds && world.timeLimitSeconds <= 5);
  }
  assert(WORLDS.burst.operations / WORLDS.burst.ratePerSecond < 0.001, "a few milliseconds");
});

Deno.test("a held fault lasts a minute, and fits into the long world", () => {
  const nodes = ["n0", "n1", "n2"];
  const durationMs = WORLDS.long.timeLimitSeconds * 1000;
  const events = (name: string, duration: number, fraction: number) =>
    heldFault(name, nodes, duration, constant(fraction)).map(({ at, f }) => [at, f]);
  assertEquals(events("pause", durationMs, 0), [[0, "start-pause"], [60_000, "stop-pause"]]);
  const [start, stop] = events("pause", durationMs, 0.999);
  assertEquals([start, stop], [[9990, "start-pause"], [69_990, "stop-pause"]]);
  assertEquals(events("pause", 60_000, 0.5), [[0, "start-pause"]]);
  assertEquals(events("pause", 30_000, 0.5), [[0, "start-pause"]]);
  assertEquals(events("partial-partition", durationMs, 0), [[0, "start-partial-partition"]]);
});
