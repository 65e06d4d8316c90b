/**
 * The txn-list-append workload: transactions that read lists and append to them. Every element is
 * appended at most once to a key, so a list shows the order in which the appends took effect.
 *
 * @module
 */

import { checkListAppend, type TransactionalVerdict } from "../check/txn/mod.ts";
import { txnListAppend as contract } from "../contract/mod.ts";
import { transactionReads } from "./state_reads.ts";
import { modelProblem, transactionClient, transactionGenerator } from "./transaction_client.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `txn-list-append`. */
export const txnListAppend: Workload<TransactionalVerdict> = {
  name: "txn-list-append",
  summary: "transactions that read lists and append elements to them",
  reusesClients: true,
  problem: ({ consistencyModels }) => modelProblem(consistencyModels, "list-append"),
  generator: (options, random) => transactionGenerator("append", options, random),
  client: transactionClient(contract.txn),
  reads: transactionReads,
  check: (history, { options: { consistencyModels } }) =>
    checkListAppend(history, { consistencyModels }),
};
