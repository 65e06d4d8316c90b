/**
 * A node that runs transactions, right or wrong, on whatever a write makes of a value: what the
 * reference nodes of both transactional workloads have in common. The first node keeps all keys
 * and runs each transaction in one go.
 *
 * @module
 */

import { type Json, type Node, RpcError, schema } from "../../../lib/node/mod.ts";
import { everyNth } from "./fault.ts";
import { onPrimary } from "./primary.ts";

/** A micro-operation: function, key, value. */
export type MicroOperation = [f: string, key: Json, value: Json];

/** What a key's value becomes by a write; a key that was never written has none. */
export type Write = (current: Json | undefined, value: Json) => Json;

type Values = ReadonlyMap<Json, Json>;
type Run = (transaction: readonly MicroOperation[]) => MicroOperation[] | Promise<MicroOperation[]>;

/**
 * The faults of transactions: `abort` makes every 8th and says that it did not; `internal` hides
 * from every 4th what it wrote itself; `dirty` lets others in between micro-operations; `stale`
 * shows the state of up to 400 ms before to transactions that only read; `blind` reads from a
 * snapshot and writes 40 ms later without a look at what happened meanwhile; `split` keeps a
 * copy on each node, and tells the others of writes 150 ms late.
 */
export const TRANSACTION_FAULTS = [
  "abort",
  "internal",
  "dirty",
  "stale",
  "blind",
  "split",
] as const;

/** The fault of a node that runs transactions. */
export type TransactionFault = typeof TRANSACTION_FAULTS[number] | "none";

const transactionOf = {
  txn: schema.array(schema.tuple(schema.string, schema.json, schema.json)),
};

/** Handles `txn`. `finish` has a last look at what a transaction returns. */
export function serveTransactions(
  node: Node,
  fault: TransactionFault,
  write: Write,
  finish: (transaction: MicroOperation[]) => MicroOperation[] = (transaction) => transaction,
): void {
  const store = new Store(write);
  const run = runnerOf(node, fault, store);
  const answer = async ({ txn }: { txn: MicroOperation[] }) => ({
    type: "txn_ok",
    txn: finish(await run(txn)),
  });
  if (fault !== "split") return onPrimary(node, "txn", transactionOf, answer);
  node.on("txn", transactionOf, answer);
  node.on("copy", transactionOf, ({ txn }) => void store.run(txn));
}

/** The values of all keys. */
class Store {
  readonly #values = new Map<Json, Json>();
  readonly #write: Write;

  constructor(write: Write) {
    this.#write = write;
  }

  get values(): Values {
    return new Map(this.#values);
  }

  run(transaction: readonly MicroOperation[]): MicroOperation[] {
    return apply(transaction, this.#values, this.#write);
  }

  /** What the transaction would return on other values, which it leaves as they are. */
  tryOn(values: Values, transaction: readonly MicroOperation[]): MicroOperation[] {
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

function runnerOf(node: Node, fault: TransactionFault, store: Store): Run {
  switch (fault) {
    case "none":
      return (transaction) => store.run(transaction);
    case "abort":
      return aborting(store);
    case "internal":
      return forgettingItself(store);
    case "dirty":
      return async (transaction) => {
        const done: MicroOperation[] = [];
        for (const operation of transaction) {
          done.push(...store.run([operation]));
          await node.sleep(10 * node.random());
        }
        return done;
      };
    case "stale":
      return readingThePast(node, store);
    case "blind":
      return async (transaction) => {
        const done = store.tryOn(store.values, transaction);
        await node.sleep(40);
        store.run(writesOf(transaction));
        return done;
      };
    case "split":
      return (transaction) => {
        const txn = writesOf(transaction);
        node.after(150, () => node.peers.forEach((peer) => node.send(peer, { type: "copy", txn })));
        return store.run(transaction);
      };
  }
}

function aborting(store: Store): Run {
  const now = everyNth(8);
  return (transaction) => {
    const done = store.run(transaction);
    if (now()) throw new RpcError(30, "it conflicted with another");
    return done;
  };
}

function forgettingItself(store: Store): Run {
  const now = everyNth(4);
  return (transaction) => {
    const before = store.values;
    const done = store.run(transaction);
    if (!now()) return done;
    return done.map(([f, key, value]) =>
      f === "r" ? [f, key, before.get(key) ?? null] : [f, key, value]
    );
  };
}

function readingThePast(node: Node, store: Store): Run {
  const past: Values[] = [store.values];
  node.every(100, () => {
    past.push(store.values);
    if (past.length > 4) past.shift();
  });
  return (transaction) =>
    writesOf(transaction).length > 0
      ? store.run(transaction)
      : store.tryOn(past[0] as Values, transaction);
}
