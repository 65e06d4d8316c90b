/**
 * The g-set workload: a set that only grows, and that every node shows in full sooner or later.
 *
 * Elements are 0, 1, 2, …; half of the operations are reads. In the end every worker reads once
 * more. As in Maelstrom no error is taken for an answer: whatever the client meets ends an operation
 * `info`, definite or not.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { checkSetFull } from "../check/mod.ts";
import { gSet as contract } from "../contract/mod.ts";
import { onceEach } from "./generator.ts";
import { defineRpc } from "./rpc.ts";
import { additionsAndReads, elementList } from "./set.ts";
import type { Workload } from "./workload.ts";

const addRpc = defineRpc(contract.add);
const readRpc = defineRpc(contract.read, { accepts: { value: elementList } });

/** Maelstrom's `g-set`. */
export const gSet: Workload = {
  name: "g-set",
  summary: "a set that only grows, shown in full by every node",
  generator: (_options, random) => additionsAndReads("add", random),
  finalGenerator: () => onceEach(() => ({ f: "read", value: null })),
  client: (connection) => ({
    async invoke({ f, value }) {
      if (f === "read") {
        return { type: "ok", value: (await readRpc(connection, {})).value ?? [] };
      }
      await addRpc(connection, { element: value as Json });
      return { type: "ok" };
    },
  }),
  check: (history) => checkSetFull(history),
};
