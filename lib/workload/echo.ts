/**
 * The echo workload: a node returns the payload that it received.
 *
 * @module
 */

import { checkEcho, type EchoVerdict } from "../check/mod.ts";
import { echo as contract } from "../contract/mod.ts";
import { forever } from "./generator.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import type { Workload } from "./workload.ts";

/** The number of different payloads. */
const PAYLOADS = 128;

const echoRpc = defineRpc(contract.echo);

/** Maelstrom's `echo`. */
export const echo: Workload<EchoVerdict> = {
  name: "echo",
  summary: "a node returns the payload that it received",
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
