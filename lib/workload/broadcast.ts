/**
 * The broadcast workload: every node must eventually return every value that any node received.
 *
 * Before the first operation, each node receives the topology: the neighbours of every node. Values
 * are 0, 1, 2, …, and half of the operations are reads. At the end every worker reads once more.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { checkSetFull, type SetFullVerdict } from "../check/mod.ts";
import { broadcast as contract } from "../contract/mod.ts";
import { oncePerWorker } from "./generator.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import { additionsAndReads, elementList } from "./set.ts";
import { setReads } from "./state_reads.ts";
import { topologyOf } from "./topology.ts";
import type { Workload } from "./workload.ts";

const topologyRpc = defineRpc(contract.topology);
const broadcastRpc = defineRpc(contract.broadcast);
const readRpc = defineRpc(contract.read, { accepts: { messages: elementList } });

/** Maelstrom's `broadcast`. */
export const broadcast: Workload<SetFullVerdict> = {
  name: "broadcast",
  summary: "a value sent to one node is eventually read from all nodes",
  generator: (_options, random) => additionsAndReads("broadcast", random),
  finalGenerator: () => oncePerWorker(() => ({ f: "read", value: null, final: true })),
  async setUp(connections, { topology, nodes }) {
    const neighbours = topologyOf(topology, nodes);
    await Promise.all(
      connections.map((connection) => topologyRpc(connection, { topology: neighbours })),
    );
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
  reads: setReads("broadcast"),
  check: (history) => checkSetFull(history, { addition: "broadcast" }),
};
