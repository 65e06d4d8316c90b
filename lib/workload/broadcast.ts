/**
 * The broadcast workload: a value told to one node is to be seen on all nodes, sooner or later.
 *
 * Every node is told once, before the first operation, who its neighbours are to be. Values are
 * 0, 1, 2, …; half of the operations are reads. In the end every worker reads once more.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { checkSetFull } from "../check/mod.ts";
import { broadcast as contract } from "../contract/mod.ts";
import { onceEach } from "./generator.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import { additionsAndReads, elementList } from "./set.ts";
import { TOPOLOGIES, topologyOf } from "./topology.ts";
import type { Workload } from "./workload.ts";

const topologyRpc = defineRpc(contract.topology);
const broadcastRpc = defineRpc(contract.broadcast);
const readRpc = defineRpc(contract.read, { accepts: { messages: elementList } });

/** Maelstrom's `broadcast`. */
export const broadcast: Workload = {
  name: "broadcast",
  summary: "a value told to one node is seen on all nodes",
  problem: ({ topology }) =>
    TOPOLOGIES.includes(topology)
      ? undefined
      : `there is no topology called ${topology}; there are ${TOPOLOGIES.join(", ")}`,
  generator: (_options, random) => additionsAndReads("broadcast", random),
  finalGenerator: () => onceEach(() => ({ f: "read", value: null, final: true })),
  async setUp(connections, { topology, nodes }) {
    const neighbours = topologyOf(topology, nodes);
    await Promise.all(connections.map((each) => topologyRpc(each, { topology: neighbours })));
  },
  client: (connection) => ({
    invoke: ({ f, value }) =>
      withErrors(f === "read", async () => {
        if (f === "read") {
          return { type: "ok", value: (await readRpc(connection, {})).messages ?? [] };
        }
        await broadcastRpc(connection, { message: value as Json });
        return { type: "ok" };
      }),
  }),
  check: (history) => checkSetFull(history, { addition: "broadcast" }),
};
