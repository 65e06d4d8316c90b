/**
 * The common part of the examples for both transactional workloads, which differ in the effect of a
 * write. The primary stores all keys and executes each transaction atomically.
 *
 * @module
 */

import { type Json, type Node, RpcError, schema } from "../../lib/node/mod.ts";
import { everyNth } from "./fault.ts";
import { onPrimary } from "./primary.ts";

/** A micro-operation of a transaction: function, key, value. */
export type MicroOperation = [f: string, key: Json, value: Json];

/** Returns a key's value after a write; `current` is undefined for a key without a value. */
export type Write = (current: Json | undefined, value: Json) => Json;

type Values = ReadonlyMap<Json, Json>;
type Execute = (
  transaction: readonly MicroOperation[],
) => MicroOperation[] | Promise<MicroOperation[]>;

/** The planted faults of both nodes; each node describes them. */
export const TRANSACTION_FAULTS = [
  "abort",
  "internal",
  "dirty",
  "stale",
  "blind",
  "split",
] as const;

/** The planted fault of a transactional node. */
export type TransactionFault = typeof TRANSACTION_FAULTS[number] | "none";

const transactionOf = {
  txn: schema.array(schema.tuple(schema.string, schema.json, schema.json)),
};

/** Handles `txn` requests; `finish` maps the micro-operations of a reply. */
export function serveTransactions(
  node: Node,
  fault: TransactionFault,
  write: Write,
  finish: (transaction: MicroOperation[]) => MicroOperation[] = (transaction) => transaction,
): void {
  const registers = new Registers(write);
  const execute = executorOf(node, fault, registers);
  const reply = async ({ txn }: { txn: MicroOperation[] }) => ({
    type: "txn_ok",
    txn: finish(await execute(txn)),
  });
  if (fault !== "split") return onPrimary(node, "txn", transactionOf, reply);
  node.on("txn", transactionOf, reply);
  node.on("replicate", transactionOf, ({ txn }) => void registers.execute(txn));
}

/** The values of all keys, and the effect of a write. */
class Registers {
  readonly #values = new Map<Json, Json>();
  readonly #write: Write;

  constructor(write: Write) {
    this.#write = write;
  }

  get values(): Values {
    return new Map(this.#values);
  }

  execute(transaction: readonly MicroOperation[]): MicroOperation[] {
    return apply(transaction, this.#values, this.#write);
  }

  /** Returns the result of the transaction on other values without modifying them. */
  evaluate(values: Values, transaction: readonly MicroOperation[]): MicroOperation[] {
    return apply(transaction, new Map(values), this.#write);
  }
}

function apply(
  transaction: readonly MicroOperation[],
  values: Map<Json, Json>,
  write: Write,
): MicroOperation[] {
  return transaction.map(([f, key, value]) => {
    if (f === "r") return [f, key, values.get(key) ?? null];
    values.set(key, write(values.get(key), value));
    return [f, key, value];
  });
}

const writesOf = (transaction: readonly MicroOperation[]) => transaction.filter(([f]) => f !== "r");

function executorOf(node: Node, fault: TransactionFault, registers: Registers): Execute {
  switch (fault) {
    case "none":
      return (transaction) => registers.execute(transaction);
    case "abort":
      return executeWithAborts(registers);
    case "internal":
      return executeHidingOwnWrites(registers);
    case "dirty":
      return async (transaction) => {
        const completed: MicroOperation[] = [];
        for (const operation of transaction) {
          completed.push(...registers.execute([operation]));
          await node.sleep(10 * node.random());
        }
        return completed;
      };
    case "stale":
      return executeStaleReads(node, registers);
    case "blind":
      return async (transaction) => {
        const completed = registers.evaluate(registers.values, transaction);
        await node.sleep(40);
        registers.execute(writesOf(transaction));
        return completed;
      };
    case "split":
      return (transaction) => {
        const txn = writesOf(transaction);
        node.after(
          150,
          () => node.peers.forEach((peer) => node.send(peer, { type: "replicate", txn })),
        );
        return registers.execute(transaction);
      };
  }
}

function executeWithAborts(registers: Registers): Execute {
  const isFaulty = everyNth(8);
  return (transaction) => {
    const completed = registers.execute(transaction);
    if (isFaulty()) throw new RpcError(30, "the transaction conflicts with another");
    return completed;
  };
}

function executeHidingOwnWrites(registers: Registers): Execute {
  const isFaulty = everyNth(4);
  return (transaction) => {
    const before = registers.values;
    const completed = registers.execute(transaction);
    if (!isFaulty()) return completed;
    return completed.map(([f, key, value]) =>
      f === "r" ? [f, key, before.get(key) ?? null] : [f, key, value]
    );
  };
}

function executeStaleReads(node: Node, registers: Registers): Execute {
  const snapshots: Values[] = [registers.values];
  node.every(100, () => {
    snapshots.push(registers.values);
    if (snapshots.length > 4) snapshots.shift();
  });
  return (transaction) =>
    writesOf(transaction).length > 0
      ? registers.execute(transaction)
      : registers.evaluate(snapshots[0] as Values, transaction);
}
