import { deepEqual } from "node:assert/strict";
import { contract, defineNode, type Node } from "../../../lib/node/mod.ts";
import { simulate, workloads } from "../../../lib/testing/mod.ts";
import { SimulatedDisk } from "../../../lib/workbench/sim/simulated_disk.ts";

/** A set on one disk a node, without replication, whose writes are durable when acknowledged. */
const durableSet = defineNode({ serves: contract.gSet, persists: true }, async (node: Node) => {
  const { records } = await node.storage.recover();
  const elements = records.map((record) => JSON.parse(new TextDecoder().decode(record)));
  return {
    async add({ element }) {
      elements.push(element);
      node.storage.append(new TextEncoder().encode(JSON.stringify(element)));
      await node.storage.sync();
      return {};
    },
    read: () => ({ value: elements }),
  };
});

Deno.test("a node's disk outlives a kill, and the same seed gives the same run", async () => {
  const options = { nodes: 1, faults: ["kill"], timeLimitSeconds: 20, seed: 3 } as const;
  const run = await simulate(durableSet, workloads.gSet, options);
  run.expectValid();
  deepEqual(run.schedule.some(({ f }) => f === "start-kill"), true);
  const again = await simulate(durableSet, workloads.gSet, options);
  deepEqual(again.journal, run.journal);
});

/** A disk whose operations complete when the test says so. */
function heldDisk(isReplaced: boolean) {
  const waiting: (() => void)[] = [];
  const disk = new SimulatedDisk({ latencyMs: () => 1, isReplaced: () => isReplaced });
  const open = () =>
    disk.open({
      isRunning: () => true,
      now: () => 0,
      after: (_delayMs, fn) => void waiting.push(fn),
      resume: (fn) => fn(),
    });
  const complete = () => {
    for (const fn of waiting.splice(0)) fn();
  };
  return { disk, open, complete };
}

Deno.test("a replacement takes effect when it completes, and is durable then", () => {
  const { disk, open, complete } = heldDisk(false);
  const opened = open();
  opened.write(new Uint8Array([1, 2, 3]));
  void opened.replace(new Uint8Array([7, 8]));
  deepEqual([[...disk.bytes], disk.durableBytes], [[1, 2, 3], 0]);
  complete();
  deepEqual([[...disk.bytes], disk.durableBytes], [[7, 8], 2]);
  opened.write(new Uint8Array([9]));
  deepEqual([[...disk.bytes], disk.durableBytes], [[7, 8, 9], 2]);
});

Deno.test("a replacement during which its process ends has happened or not, once", () => {
  for (const isReplaced of [false, true]) {
    const { disk, open, complete } = heldDisk(isReplaced);
    const opened = open();
    opened.write(new Uint8Array([1, 2, 3]));
    void opened.replace(new Uint8Array([7, 8]));
    disk.endProcess();
    const expected = isReplaced ? [7, 8] : [1, 2, 3];
    deepEqual([...disk.bytes], expected);
    // The next process has the disk, and the completion of the former one changes nothing.
    const next = open();
    next.write(new Uint8Array([4]));
    complete();
    opened.write(new Uint8Array([5]));
    void opened.replace(new Uint8Array([6]));
    complete();
    deepEqual([...disk.bytes], [...expected, 4]);
  }
});
