import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert } from "std/testing";
import { readGraph } from "../../../lib/workbench/sim/program/module_graph.ts";
import { Instances } from "../../../lib/workbench/sim/program/module_instance.ts";

const NODE = new URL("../../../nodes/unique_ids.ts", import.meta.url).href;
const MAX_BYTES_PER_INSTANCE = 10_000;

Deno.test("an instance of a node's modules is freed, although it imports one dynamically", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const instances = new Instances(await readGraph(NODE, (code) => code()), () => {});
  const usedAfter = async (count: number) => {
    for (let index = 0; index < count; index++) await instances.create().done;
    collect();
    return Deno.memoryUsage().heapUsed;
  };
  const before = await usedAfter(50);
  const grown = await usedAfter(200) - before;
  assert(grown < 200 * MAX_BYTES_PER_INSTANCE, `${grown} bytes more after 200 instances`);
});
