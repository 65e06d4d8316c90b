/**
 * The generator, the client and the options check that the two transactional workloads share. Each
 * operation is one transaction.
 *
 * @module
 */

import type { Json, Random } from "../base/mod.ts";
import {
  requireCheckable,
  type TransactionalWorkload,
  UncheckableModelError,
} from "../check/txn/mod.ts";
import type { Endpoint } from "../contract/mod.ts";
import type { Schema } from "../wire/mod.ts";
import { forever, type Generator } from "./generator.ts";
import type { TestOptions } from "./options.ts";
import { RandomTransactions } from "./random_transactions.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import type { Client, Connection } from "./workload.ts";

/** A micro-operation: function, key, and value (null for a read in a request). */
export type MicroOperation = [f: string, key: Json, value: Json];

/** Generates `txn` operations of `["r", key, null]` and `[write, key, value]`. */
export function transactionGenerator(
  write: string,
  options: TestOptions,
  random: Random,
): Generator {
  const transactions = new RandomTransactions(options, options.maxTxnLength, random);
  return forever(() => ({
    f: "txn",
    value: transactions.next().map((access): MicroOperation =>
      access.kind === "read" ? ["r", access.key, null] : [write, access.key, access.value]
    ),
  }));
}

/** The endpoint of a transactional workload. */
type TransactionEndpoint = Endpoint<
  "txn",
  { readonly txn: Schema<MicroOperation[]> },
  { readonly txn: Schema<MicroOperation[]> }
>;

/** Makes the clients of a transactional workload. */
export function transactionClient(
  endpoint: TransactionEndpoint,
): (connection: Connection) => Client {
  const transactionRpc = defineRpc(endpoint);
  return (connection) => ({
    invoke: ({ value }) =>
      withErrors(false, async () => {
        const { txn } = await transactionRpc(connection, { txn: value as MicroOperation[] });
        return { type: "ok", value: txn };
      }),
  });
}

/** Names the first consistency model that the checker cannot check; undefined if there is none. */
export function modelProblem(
  models: readonly string[],
  workload: TransactionalWorkload,
): string | undefined {
  try {
    requireCheckable(models, workload);
    return undefined;
  } catch (error) {
    if (error instanceof UncheckableModelError) return error.message;
    throw error;
  }
}
