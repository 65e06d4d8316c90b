/**
 * Transactions as both workloads have them: lists of micro-operations that read a key, or write to
 * one; and how a node answers them.
 *
 * @module
 */

import {
  type Body,
  canonicalJson,
  ErrorCode,
  type Json,
  type Node,
  RpcError,
  schema,
} from "../../node/mod.ts";

/** A micro-operation: function, key, and value (null for a read that is yet to be made). */
export type MicroOperation = [f: string, key: Json, value: Json];
/** Micro-operations in their order. */
export type Transaction = readonly MicroOperation[];
/** A value written to a key. */
export type Write = readonly [key: Json, value: Json];
/**
 * Runs a transaction that a client (its id) asked for, and gives it back with its reads made. What
 * it throws is sent to the client.
 */
export type Transact = (
  transaction: Transaction,
  client: string,
) => MicroOperation[] | Promise<MicroOperation[]>;

const READ = "r";
/**
 * Nothing in a transaction is nested deeper. What follows values by recursion, as {@link textOfKey}
 * does, comes to the end of the stack at some thousands, and in the midst of what others do, too.
 */
const MOST_DEPTH = 500;

/** Whether a micro-operation reads; all others write. */
export function isRead(operation: MicroOperation): boolean {
  return operation[0] === READ;
}

/** A text that is the same for equal keys and different for different ones. */
export function textOfKey(key: Json): string {
  return typeof key === "number" ? String(key) : canonicalJson(key);
}

/**
 * Answers `txn` requests of reads and of `write` micro-operations, by `transact`. A transaction
 * with anything else in it is refused whole (error 12) before any of it is run.
 */
export function serveTransactions(node: Node, write: string, transact: Transact): void {
  node.on("txn", { txn: schema.array(schema.json) }, ({ txn }, { src }) => {
    const transaction = readTransaction(txn, write);
    const done = transact(transaction, src);
    return done instanceof Promise ? done.then(replyWith) : replyWith(done);
  });
}

function replyWith(txn: MicroOperation[]): Body {
  return { type: "txn_ok", txn };
}

/** Checks what a client sent. Throws an `RpcError` 12 that says what is wrong with it. */
export function readTransaction(items: readonly Json[], write: string): Transaction {
  for (const [index, item] of items.entries()) {
    const right = Array.isArray(item) && item.length === 3 &&
      (item[0] === READ || item[0] === write);
    if (!right) {
      refuse(index, `must be ["${READ}", key, null] or ["${write}", key, value]`);
    }
    if (item.some((part) => isDeeper(part, MOST_DEPTH))) {
      refuse(index, `has a key or a value that is nested more than ${MOST_DEPTH} deep`);
    }
  }
  return items as MicroOperation[];
}

function refuse(index: number, problem: string): never {
  const text = `txn[${index}] ${problem}; nothing of the transaction was done`;
  throw new RpcError(ErrorCode.malformedRequest, text);
}

/** Whether a value has arrays or objects in each other, more than so many. */
function isDeeper(value: Json, levels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}
