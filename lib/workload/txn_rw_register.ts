/**
 * The txn-rw-register workload: transactions that read and write registers. Every value is written
 * at most once to a key, so a read shows which write it observed. The order of two writes is visible
 * only where a transaction reads a key before it writes the key.
 *
 * @module
 */

import { checkRwRegister, type TransactionalVerdict } from "../check/txn/mod.ts";
import { txnRwRegister as contract } from "../contract/mod.ts";
import { registerReads } from "./state_reads.ts";
import { modelProblem, transactionClient, transactionGenerator } from "./transaction_client.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `txn-rw-register`. */
export const txnRwRegister: Workload<TransactionalVerdict> = {
  name: "txn-rw-register",
  summary: "transactions that read and write registers",
  reusesClients: true,
  problem: ({ consistencyModels }) => modelProblem(consistencyModels, "rw-register"),
  generator: (options, random) => transactionGenerator("w", options, random),
  client: transactionClient(contract.txn),
  reads: registerReads,
  check: (history, { options: { consistencyModels } }) =>
    checkRwRegister(history, { consistencyModels }),
};
