import { assert, assertEquals, assertMatch } from "std/testing";
import { contract, defineNode, type Node } from "../../../lib/node/mod.ts";
import { encodeLog } from "../../../lib/node/storage/mod.ts";
import { type FaultControls, simulate, workloads } from "../../../lib/testing/mod.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { simEngineFactory } from "../../../lib/workbench/explore/sim_engine_factory.ts";
import { SimulatedFolder } from "../../../lib/workbench/sim/files/simulated_folder.ts";
import { loseMachinePower, losePower } from "../../../lib/workbench/sim/power_loss.ts";
import type { SimMachine } from "../../../lib/workbench/sim/sim_machine.ts";
import { SimulatedDisk } from "../../../lib/workbench/sim/simulated_disk.ts";
import { DEFAULT_OPTIONS } from "../../../lib/workload/mod.ts";

const RECORDS = Array.from({ length: 5 }, (_, index) => new Uint8Array(3 * index));

/** Returns a disk with durable bytes and records after them. */
function diskWith(records: readonly Uint8Array[]) {
  const disk = new SimulatedDisk({ latencyMs: () => 0, isReplaced: () => false });
  const opened = disk.open({
    isRunning: () => true,
    now: () => 0,
    after: (_, fn) => fn(),
    resume: (fn) => fn(),
  });
  opened.write(encodeLog(new Uint8Array(1), []));
  opened.sync();
  const durable = disk.durableBytes;
  opened.write(encodeLog(new Uint8Array(1), records).subarray(durable));
  return { disk, durable, all: disk.bytes.slice() };
}

Deno.test("a loss of power leaves the durable bytes and a beginning of the others", () => {
  const lengths = new Map<number, number>();
  const lost = new Set<number>();
  for (let seed = 0; seed < 300; seed++) {
    const { disk, durable, all } = diskWith(RECORDS);
    const damage = losePower(disk, { seed: String(seed), rots: false });
    const { bytes } = disk;
    assert(bytes.length >= durable);
    assertEquals(bytes, all.slice(0, bytes.length));
    assertEquals(disk.durableBytes, bytes.length);
    lengths.set(bytes.length, (lengths.get(bytes.length) ?? 0) + 1);
    lost.add(damage.lostRecords);
    assertEquals(damage.isRotten, false);
  }
  assertEquals([...lost].sort(), [0, 1, 2, 3, 4, 5]);
  const { durable } = diskWith([]);
  const ends = RECORDS.reduce((all, { length }) => [...all, all.at(-1) as number + 12 + length], [
    durable,
  ]);
  for (const end of ends) assert((lengths.get(end) ?? 0) > 5, `cut at the record's end ${end}`);
  const torn = [...lengths].filter(([length]) => !ends.includes(length));
  assert(torn.length > 20, `${torn.length} places inside of records`);
});

Deno.test("a loss of power without unsynced records loses nothing", () => {
  const { disk, all } = diskWith([]);
  const damage = losePower(disk, { seed: "x", rots: false });
  assertEquals(damage, { lostRecords: 0, isTorn: false, isRotten: false });
  assertEquals(disk.bytes, all);
});

Deno.test("an interruption happens once, during the next fsync that has something to do", () => {
  const delays: number[] = [];
  const interrupted: string[] = [];
  const disk = new SimulatedDisk({ latencyMs: () => 10, isReplaced: () => false });
  const opened = disk.open({
    isRunning: () => true,
    now: () => 0,
    after: (delayMs, fn) => {
      delays.push(delayMs);
      fn();
    },
    resume: (fn) => fn(),
  });
  disk.interrupt(0.25, () => interrupted.push("a quarter"));
  const cancel = disk.interrupt(0.5, () => interrupted.push("cancelled"));
  cancel();
  opened.sync();
  assertEquals(interrupted, [], "nothing had to become durable");
  opened.write(new Uint8Array(3));
  opened.sync();
  opened.write(new Uint8Array(3));
  opened.sync();
  assertEquals(interrupted, ["a quarter"]);
  assertEquals(delays, [10, 2.5, 10, 10]);
});

Deno.test("an operation that makes nothing durable is not interrupted", () => {
  let interruptions = 0;
  const disk = new SimulatedDisk({ latencyMs: () => 10, isReplaced: () => false });
  const opened = disk.open({
    isRunning: () => true,
    now: () => 0,
    after: (_delayMs, fn) => fn(),
    resume: (fn) => fn(),
  });
  disk.interrupt(0.5, () => interruptions++);
  opened.read();
  opened.truncate(0);
  assertEquals(interruptions, 0);
  opened.replace(new Uint8Array(1));
  assertEquals(interruptions, 1);
});

Deno.test("most losses of power during an fsync lose records", async () => {
  const plan = { nodes: ["n0"], seed: "", within: 1000 };
  const schedule = Array.from({ length: 20 }, (_, index) => [
    { at: 100 * index, f: "start-disk", value: null, plan: { ...plan, seed: String(index) } },
    { at: 100 * index + 50, f: "stop-disk", value: null, plan: null },
  ]).flat();
  const options = {
    ...DEFAULT_OPTIONS,
    workload: "g-set",
    nodes: ["n0"],
    // A client whose request is lost waits for five seconds.
    concurrency: 300,
    ratePerSecond: 200,
    timeLimitSeconds: 3,
    nemesis: ["disk"],
  };
  const outcome = await runCase(
    { bin: "", args: [], options, schedule, serialDelivery: false },
    simEngineFactory(counter(true)),
  );
  assertEquals(outcome.valid, true);
  const count = (effect: string) => outcome.coverage[`disk: ${effect}`] ?? 0;
  assertEquals(count("a machine lost power"), 20);
  const during = count("a machine lost power during an fsync");
  assert(during >= 18, `${during} during an fsync`);
  const [lost, torn] = [
    count("records that were not synced were lost"),
    count("a record was torn"),
  ];
  assert(lost >= 8 && torn >= 3, `${lost} lost, ${torn} torn`);
});

Deno.test("a machine's loss of power counts what its disk and its folder have lost", () => {
  const found = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const { disk } = diskWith(RECORDS);
    const folder = new SimulatedFolder();
    const machine = { disk, folder } as unknown as SimMachine;
    const place = folder.find("storage/a");
    folder.createFile(place, 0);
    const before = folder.changes;
    const alone = losePower(diskWith(RECORDS).disk, { seed: String(seed), rots: false });
    const whole = loseMachinePower(machine, { seed: String(seed), rots: false });
    const lostNames = before - folder.changes;
    assertEquals(whole.lostRecords, alone.lostRecords + lostNames);
    found.add(String(lostNames));
  }
  assertEquals([...found].sort(), ["0", "1"]);
});

Deno.test("rot damages one durable byte", () => {
  const { disk, all } = diskWith([]);
  assertEquals(losePower(disk, { seed: "x", rots: true }).isRotten, true);
  assertEquals(disk.bytes.filter((byte, index) => byte !== all[index]).length, 1);
});

/** Counts additions; acknowledges before or after they are durable. */
function counter(isDurable: boolean) {
  return defineNode({ serves: contract.gSet, persists: true }, async (node: Node) => {
    const { records } = await node.storage.recover();
    const elements = records.map((record) => JSON.parse(new TextDecoder().decode(record)));
    node.exposeState(() => elements);
    return {
      async add({ element }) {
        elements.push(element);
        node.storage.append(new TextEncoder().encode(JSON.stringify(element)));
        if (isDurable) await node.storage.sync();
        return {};
      },
      read: () => ({ value: elements }),
    };
  });
}

/** Runs a script on one node, with 50 requests per second. */
function run(isDurable: boolean, script: (controls: FaultControls) => Promise<void>) {
  return simulate(counter(isDurable), workloads.gSet, {
    nodes: 1,
    ratePerSecond: 50,
    timeLimitSeconds: 3,
    script,
  });
}

Deno.test("unsynced records survive a kill, and are lost with the power", async () => {
  const killed = await run(false, async ({ at, kill, restart }) => {
    await at(1500);
    await kill("n0");
    await restart();
  });
  killed.expectValid();
  const dark = await run(false, async ({ at, losePower, restart }) => {
    await at(1500);
    await losePower("n0");
    await restart("n0");
  });
  assertEquals(dark.verdict["valid?"], false);
  const durable = await run(true, async ({ at, losePower, restart }) => {
    await at(1500);
    await losePower("n0");
    await restart("n0");
  });
  durable.expectValid();
});

Deno.test("a node refuses a damaged disk and stays down, which is not its problem", async () => {
  const result = await run(true, async ({ at, rot, restart }) => {
    await at(1500);
    await rot("n0");
    await restart();
  });
  assertEquals(result.results.nodes, { "valid?": true });
  assertEquals(result.crashes, []);
  const last = result.node("n0").log.map(({ line }) => line).find((line) =>
    line.includes("Corrupt")
  );
  assertMatch(String(last), /the simulated disk is damaged at byte \d+/);
  assertEquals(result.schedule.at(-1)?.f, "stop-disk");
});

Deno.test("the schedule of a script with losses of power repeats the run", async () => {
  const first = await run(false, async ({ at, losePower, kill, restart }) => {
    for (const timeMs of [500, 1000, 1500]) {
      await at(timeMs);
      await losePower("n0");
      await restart("n0");
    }
    await kill("n0");
    await restart();
  });
  const { schedule } = first;
  const again = await simulate(counter(false), workloads.gSet, {
    nodes: 1,
    ratePerSecond: 50,
    timeLimitSeconds: 3,
    schedule,
  });
  assertEquals(again.journal, first.journal);
});
