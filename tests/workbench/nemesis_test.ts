import { assert, assertEquals, assertRejects } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { FAULT_NAMES, type NemesisEvent } from "../../lib/workbench/fault/mod.ts";
import { generateSchedule, Nemesis, parseNemesisOp } from "../../lib/workbench/nemesis.ts";
import { Recorder } from "../../lib/workbench/recorder.ts";
import { FaultHarness } from "./fault/fault_harness.ts";

const nodes = ["n0", "n1", "n2"];
const plan = { faults: FAULT_NAMES, nodes, intervalMs: 500, durationMs: 10_000 };

function act(at: number, f: string, plan: unknown = null): NemesisEvent {
  return { at, f, value: null, plan };
}

function set(names: readonly string[] = []) {
  const stage = new FaultHarness(nodes);
  const recorder = new Recorder(stage.clock);
  const nemesis = new Nemesis(names, stage.context, recorder);
  const acts = () => recorder.history.map(({ f, time }) => `${time / 1e6} ${f}`);
  return { stage, nemesis, acts };
}

Deno.test("a drawn schedule starts each fault at once, alternates, and is in the order of time", () => {
  const schedule = generateSchedule(plan, new Random("schedule"));
  assertEquals(schedule, schedule.toSorted((a, b) => a.at - b.at));
  for (const fault of FAULT_NAMES) {
    const own = schedule.filter(({ f }) => parseNemesisOp(f)?.fault === fault);
    assertEquals(own[0]?.at, 0);
    assert(own.every(({ f }, index) => parseNemesisOp(f)?.starts === (index % 2 === 0)), fault);
    assert(own.every(({ at }) => at < plan.durationMs), fault);
    const mean = plan.durationMs / own.length;
    assert(mean > 300 && mean < 1000, `${fault} acts every ${mean} ms`);
  }
});

Deno.test("what one fault draws does not depend on which others there are", () => {
  const all = generateSchedule(plan, new Random("schedule"));
  const alone = generateSchedule({ ...plan, faults: ["loss"] }, new Random("schedule"));
  assertEquals(alone, all.filter(({ f }) => parseNemesisOp(f)?.fault === "loss"));
});

Deno.test("the nemesis acts when the schedule says, and records each act and its result", async () => {
  const { stage, nemesis, acts } = set();
  const run = nemesis.run([
    act(100, "start-kill", { nodes: ["n1"] }),
    act(250, "stop-kill"),
  ]);
  await stage.until(200);
  assertEquals(nemesis.activeFaults, ["kill"]);
  await stage.settle();
  await run;
  assertEquals(nemesis.activeFaults, []);
  assertEquals(acts(), ["100 start-kill", "100 start-kill", "250 stop-kill", "250 stop-kill"]);
  assertEquals(stage.acts, ["kill n1", "restart n1"]);
});

Deno.test("healing ends the schedule at once, and stops also faults that never started", async () => {
  const { stage, nemesis, acts } = set(["partition"]);
  const run = nemesis.run([
    act(0, "start-pause", { nodes: ["n0"] }),
    act(60_000, "stop-pause"),
  ]);
  await stage.until(10);
  await Promise.all([nemesis.heal(), run]);
  assertEquals(acts(), [
    "0 start-pause",
    "0 start-pause",
    "10 stop-partition",
    "10 stop-partition",
    "10 stop-pause",
    "10 stop-pause",
  ]);
  await stage.settle();
  assertEquals(stage.clock.now(), 10, "nothing is waited for any more");
});

Deno.test("an aborted schedule ends at once and leaves the faults as they are", async () => {
  const { stage, nemesis } = set();
  const abort = new AbortController();
  const run = nemesis.run(
    [act(0, "start-pause", { nodes: ["n0"] }), act(60_000, "stop-pause")],
    abort.signal,
  );
  await stage.until(10);
  abort.abort();
  await run;
  assertEquals(stage.acts, ["pause n0"]);
  const late = set();
  await late.nemesis.run([act(0, "start-pause", { nodes: ["n0"] })], abort.signal);
  assertEquals(late.stage.acts, []);
});

Deno.test("healing waits until an act under way is over", async () => {
  const { stage, nemesis } = set();
  const { promise: initialised, resolve } = Promise.withResolvers<void>();
  const restart = stage.context.processes.restart;
  stage.context.processes.restart = async (node) => {
    await initialised;
    await restart(node);
  };
  const run = nemesis.run([act(0, "start-kill", { nodes: ["n0"] }), act(5, "stop-kill")]);
  await stage.until(10);
  let healed = false;
  const heal = nemesis.heal().then(() => healed = true);
  await stage.until(20);
  assertEquals(healed, false);
  resolve();
  await Promise.all([heal, run]);
  assertEquals(stage.acts, ["kill n0", "restart n0"]);
});

Deno.test("a schedule that asks for what there is not is refused by name", async () => {
  const { nemesis } = set();
  await assertRejects(() => nemesis.run([act(0, "start-flood")]), RangeError, "flood");
  await assertRejects(() => set().nemesis.run([act(0, "begin-loss")]), RangeError, "begin-loss");
});
