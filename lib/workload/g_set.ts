/**
 * The g-set workload: a grow-only set. Every node must eventually return every element.
 *
 * Elements are 0, 1, 2, …, and half of the operations are reads. At the end every worker reads once
 * more. As in Maelstrom, every error ends an operation `info`, even a definite error.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { checkSetFull, type SetFullVerdict } from "../check/mod.ts";
import { gSet as contract } from "../contract/mod.ts";
import { oncePerWorker } from "./generator.ts";
import { defineRpc } from "./rpc.ts";
import { additionsAndReads, elementList } from "./set.ts";
import { setReads } from "./state_reads.ts";
import type { Workload } from "./workload.ts";

const addRpc = defineRpc(contract.add);
const readRpc = defineRpc(contract.read, { accepts: { value: elementList } });

/** Maelstrom's `g-set`. */
export const gSet: Workload<SetFullVerdict> = {
  name: "g-set",
  summary: "a set that only grows; every node eventually returns all elements",
  generator: (_options, random) => additionsAndReads("add", random),
  finalGenerator: () => oncePerWorker(() => ({ f: "read", value: null })),
  client: (connection) => ({
    async invoke({ f, value }) {
      if (f === "read") {
        return { type: "ok", value: (await readRpc(connection, {})).value ?? [] };
      }
      await addRpc(connection, { element: value as Json });
      return { type: "ok" };
    },
  }),
  reads: setReads("add"),
  check: (history) => checkSetFull(history),
};
