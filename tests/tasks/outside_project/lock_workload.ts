/**
 * A workload for locks. Each worker acquires the lock and releases it again. The checker is a model
 * of the lock: its state is the client that holds it.
 *
 * @module
 */

import { checkLinearizable, type Model } from "@gossip/workbench/check";
import { schema } from "@gossip/workbench/node";
import { defineRpc, withErrors, type Workload } from "@gossip/workbench/workload";

const acquire = defineRpc("acquire", { client: schema.string }, {});
const release = defineRpc("release", { client: schema.string }, {});

const lockModel: Model<string | null> = {
  init: () => null,
  step(holder, { f, value }) {
    if (f === "acquire") return holder === null ? String(value) : undefined;
    return holder === value ? null : undefined;
  },
  equal: (one, other) => one === other,
};

export const lockWorkload: Workload = {
  name: "lock",
  summary: "a lock that one client holds at a time",
  generator() {
    const holders = new Set<number>();
    return {
      next({ free: [worker = 0], processOf }) {
        const process = processOf(worker);
        const f = holders.has(process) ? "release" : "acquire";
        return { worker, invocation: { f, value: `client ${process}` } };
      },
      update({ type, process, f }) {
        if (type !== "ok") return;
        if (f === "acquire") holders.add(process as number);
        else holders.delete(process as number);
      },
    };
  },
  client: (connection) => ({
    invoke: ({ f, value }) =>
      withErrors(false, async () => {
        const client = String(value);
        await (f === "acquire" ? acquire : release)(connection, { client });
        return { type: "ok" };
      }),
  }),
  mayNeverSucceed: ["release"],
  check: (history, { now }) => checkLinearizable(history, lockModel, { now }),
};

export default lockWorkload;
