import { assert, assertEquals, assertRejects } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { FAULT_NAMES, type NemesisEvent } from "../../lib/workbench/fault/mod.ts";
import { generateSchedule, Nemesis, parseNemesisOp } from "../../lib/workbench/nemesis.ts";
import { Recorder } from "../../lib/workbench/recorder.ts";
import { assertNear } from "../support/assert_near.ts";
import { FaultHarness } from "./fault/fault_harness.ts";

const nodes = ["n0", "n1", "n2"];
const options = { faults: FAULT_NAMES, nodes, intervalMs: 500, durationMs: 10_000 };

function faultEvent(at: number, f: string, plan: unknown = null): NemesisEvent {
  return { at, f, value: null, plan };
}

function setUp(names: readonly string[] = []) {
  const harness = new FaultHarness(nodes);
  const recorder = new Recorder(harness.clock);
  const nemesis = new Nemesis(names, harness.context, recorder);
  const ops = () => recorder.history.map(({ f, time }) => `${time / 1e6} ${f}`);
  return { harness, nemesis, ops };
}

Deno.test("a generated schedule starts each fault at 0, alternates, and is sorted by time", () => {
  const schedule = generateSchedule(options, new Random("schedule"));
  assertEquals(schedule, schedule.toSorted((a, b) => a.at - b.at));
  for (const fault of FAULT_NAMES) {
    const events = schedule.filter(({ f }) => parseNemesisOp(f)?.fault === fault);
    assertEquals(events[0]?.at, 0);
    assert(events.every(({ f }, index) => parseNemesisOp(f)?.starts === (index % 2 === 0)), fault);
    assert(events.every(({ at }) => at < options.durationMs), fault);
    const mean = options.durationMs / events.length;
    assert(mean > 300 && mean < 1000, `${fault} has an operation every ${mean} ms`);
  }
});

Deno.test("the gaps between the events of a fault are uniform, with the interval as their mean", () => {
  const long = { ...options, faults: ["loss"], durationMs: 1_000_000 };
  const times = generateSchedule(long, new Random("gaps")).map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
  assertNear(gaps.length, 2000, 100, "gaps");
  assert(Math.min(...gaps) < 10 && Math.max(...gaps) > 990 && Math.max(...gaps) < 1000);
});

Deno.test("the events of a fault do not depend on the other faults", () => {
  const all = generateSchedule(options, new Random("schedule"));
  const alone = generateSchedule({ ...options, faults: ["loss"] }, new Random("schedule"));
  assertEquals(alone, all.filter(({ f }) => parseNemesisOp(f)?.fault === "loss"));
});

Deno.test("the nemesis follows the schedule and records each operation and its result", async () => {
  const { harness, nemesis, ops } = setUp();
  const run = nemesis.run([
    faultEvent(100, "start-kill", { nodes: ["n1"] }),
    faultEvent(250, "stop-kill"),
  ]);
  await harness.until(200);
  assertEquals(nemesis.activeFaults, ["kill"]);
  await harness.settle();
  await run;
  assertEquals(nemesis.activeFaults, []);
  assertEquals(ops(), ["100 start-kill", "100 start-kill", "250 stop-kill", "250 stop-kill"]);
  assertEquals(harness.processCalls, ["kill n1", "restart n1"]);
});

Deno.test("heal ends the schedule immediately and also stops faults that never started", async () => {
  const { harness, nemesis, ops } = setUp(["partition"]);
  const run = nemesis.run([
    faultEvent(0, "start-pause", { nodes: ["n0"] }),
    faultEvent(60_000, "stop-pause"),
  ]);
  await harness.until(10);
  await Promise.all([nemesis.heal(), run]);
  assertEquals(ops(), [
    "0 start-pause",
    "0 start-pause",
    "10 stop-partition",
    "10 stop-partition",
    "10 stop-pause",
    "10 stop-pause",
  ]);
  await harness.settle();
  assertEquals(harness.clock.now(), 10, "no timer is left");
});

Deno.test("an abort ends the schedule immediately and does not stop active faults", async () => {
  const { harness, nemesis } = setUp();
  const abort = new AbortController();
  const run = nemesis.run(
    [faultEvent(0, "start-pause", { nodes: ["n0"] }), faultEvent(60_000, "stop-pause")],
    abort.signal,
  );
  await harness.until(10);
  abort.abort();
  await run;
  assertEquals(harness.processCalls, ["pause n0"]);
  const late = setUp();
  await late.nemesis.run([faultEvent(0, "start-pause", { nodes: ["n0"] })], abort.signal);
  assertEquals(late.harness.processCalls, []);
});

Deno.test("heal waits for the running operation", async () => {
  const { harness, nemesis } = setUp();
  const { promise: initialised, resolve } = Promise.withResolvers<void>();
  const restart = harness.context.processes.restart;
  harness.context.processes.restart = async (node) => {
    await initialised;
    await restart(node);
  };
  const run = nemesis.run([
    faultEvent(0, "start-kill", { nodes: ["n0"] }),
    faultEvent(5, "stop-kill"),
  ]);
  await harness.until(10);
  let healed = false;
  const heal = nemesis.heal().then(() => healed = true);
  await harness.until(20);
  assertEquals(healed, false);
  resolve();
  await Promise.all([heal, run]);
  assertEquals(harness.processCalls, ["kill n0", "restart n0"]);
});

Deno.test("run throws a RangeError that names the invalid operation", async () => {
  const { nemesis } = setUp();
  await assertRejects(() => nemesis.run([faultEvent(0, "start-flood")]), RangeError, "flood");
  await assertRejects(
    () => setUp().nemesis.run([faultEvent(0, "begin-loss")]),
    RangeError,
    "begin-loss",
  );
});
