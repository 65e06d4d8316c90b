import { deepEqual } from "node:assert/strict";
import { contract, defineNode, type Node } from "../../../lib/node/mod.ts";
import { simulate, workloads } from "../../../lib/testing/mod.ts";

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
