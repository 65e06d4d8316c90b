/**
 * The echo workload: a node answers with the payload it was sent.
 *
 * @module
 */

import { checkEcho } from "../check/mod.ts";
import { echo as contract } from "../contract/mod.ts";
import { forever } from "./generator.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import type { Workload } from "./workload.ts";

const PAYLOADS = 128;

const echoRpc = defineRpc(contract.echo);

/** Maelstrom's `echo`. */
export const echo: Workload = {
  name: "echo",
  summary: "a node answers with what it was sent",
  generator: (_options, random) =>
    forever(() => ({ f: "echo", value: `Please echo ${random.integer(PAYLOADS)}` })),
  client: (connection) => ({
    invoke: ({ value }) =>
      withErrors(false, async () => ({
        type: "ok",
        value: await echoRpc(connection, { echo: value as string }),
      })),
  }),
  check: (history) => checkEcho(history),
};
