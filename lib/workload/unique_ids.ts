/**
 * The unique-ids workload: nodes generate ids that are unique in the whole cluster.
 *
 * @module
 */

import { checkUniqueIds, type UniqueIdsVerdict } from "../check/mod.ts";
import { uniqueIds as contract } from "../contract/mod.ts";
import { forever } from "./generator.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import type { Workload } from "./workload.ts";

const generateRpc = defineRpc(contract.generate);

/** Maelstrom's `unique-ids`. */
export const uniqueIds: Workload<UniqueIdsVerdict> = {
  name: "unique-ids",
  summary: "nodes generate ids that are unique in the whole cluster",
  reusesClients: true,
  generator: () => forever(() => ({ f: "generate", value: null })),
  client: (connection) => ({
    invoke: () =>
      withErrors(false, async () => ({
        type: "ok",
        value: (await generateRpc(connection, {})).id,
      })),
  }),
  check: (history) => checkUniqueIds(history),
};
