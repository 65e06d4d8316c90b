/**
 * Transactions of both workloads: lists of micro-operations, each of which reads or writes one key.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import {
  canonicalJson,
  contract,
  ErrorCode,
  type IncomingRequest,
  type Json,
  type Node,
  RpcError,
} from "../../node/mod.ts";

const READ = "r";

/** The function of a write: `w` sets a register, `append` appends to a list. */
export type WriteName = "w" | "append";

/** A micro-operation: function, key and value. The value of a read that has not run is ignored. */
export type MicroOperation<W extends WriteName = WriteName, V extends Json = Json> =
  | [f: typeof READ, key: Json, value: V]
  | [f: W, key: Json, value: Json];
/** Micro-operations in order. */
export type Transaction = readonly MicroOperation[];
/** A value written to a key. */
export type Write = readonly [key: Json, value: Json];
/**
 * Runs a transaction of a client's request, and returns it with its reads filled in. An `RpcError` that it throws is the client's reply.
 */
export type Transact = (
  transaction: Transaction,
  request: IncomingRequest,
) => MicroOperation[] | Promise<MicroOperation[]>;

/**
 * How deep a key or value may nest. Recursive functions, such as {@link canonicalKey}, overflow the
 * stack on values that nest some thousands of levels deep. That would end the whole batch, with the
 * transactions of other clients.
 */
const MAX_DEPTH = 500;

/** Whether a micro-operation reads. All others write. */
export function isRead(operation: MicroOperation): operation is [typeof READ, Json, Json] {
  return operation[0] === READ;
}

/** Returns the values of a transaction's reads, in order. */
export function readsOf(results: readonly MicroOperation[]): Json[] {
  return results.filter(isRead).map(([, , value]) => value);
}

/** Fills the values of the reads, in order, into transactions. */
export function fillReads(
  transactions: readonly Transaction[],
  reads: readonly Json[],
): MicroOperation[][] {
  let next = 0;
  return transactions.map((transaction) =>
    transaction.map((operation): MicroOperation => {
      const [f, key] = operation;
      return isRead(operation) ? [f, key, reads[next++] ?? null] : operation;
    })
  );
}

/** Returns a text that is the same for equal keys and different for different ones. */
export function canonicalKey(key: Json): string {
  return typeof key === "number" ? String(key) : canonicalJson(key);
}

/** Returns a key's value after a write. It must not mutate the current one (undefined: none). */
export type ApplyWrite = (current: Json | undefined, value: Json) => Json;
/** A write to a register replaces its value. */
export const overwrite: ApplyWrite = (_current, value) => value;

/** The committed values of keys. A key is given by its {@link canonicalKey}. */
export interface Store {
  /** Returns a key's value; undefined for none. */
  read(canonical: string): Json | undefined;
  /** Applies the writes of one transaction, of which the last one to a key counts. */
  commit(writes: readonly Write[]): void;
}

/** A list of writes, and the values of all keys after them. */
export class State {
  readonly #writes: Write[] = [];
  readonly #apply: ApplyWrite;
  readonly #base: Store["read"];
  /** The values of the written keys, by canonical key. */
  readonly #values = new Map<string, Json>();

  /** `base` returns the values of keys that have not been written. */
  constructor(apply: ApplyWrite, base: Store["read"] = () => undefined) {
    this.#apply = apply;
    this.#base = base;
  }

  /** The writes to this state, in order. */
  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** Returns a key's value; undefined for none. */
  read(canonical: string): Json | undefined {
    return this.#values.has(canonical) ? this.#values.get(canonical) : this.#base(canonical);
  }

  /** Returns a workspace, which starts with these values; writes to it do not change this state. */
  fork(): State {
    return new State(this.#apply, (canonical) => this.read(canonical));
  }

  /** Appends writes. */
  append(writes: Iterable<Write>): void {
    for (const write of writes) {
      const [key, value] = write;
      const canonical = canonicalKey(key);
      this.#values.set(canonical, this.#apply(this.read(canonical), value));
      this.#writes.push(write);
    }
  }

  /** Runs a transaction and returns it with its reads filled in. */
  run(transaction: Transaction): MicroOperation[] {
    return transaction.map((operation): MicroOperation => {
      const [f, key, value] = operation;
      if (isRead(operation)) return [f, key, this.read(canonicalKey(key)) ?? null];
      this.append([[key, value]]);
      return operation;
    });
  }
}

/**
 * Serves `txn` requests whose writes are named `write`.
 *
 * A malformed transaction is rejected with error 12 before any of its micro-operations runs.
 */
export function serveTransactions(node: Node, write: WriteName, transact: Transact): void {
  if (write === "append") {
    node.on(contract.txnListAppend.txn, handlerOf(write, listOrNull, transact));
  } else {
    node.on(contract.txnRwRegister.txn, handlerOf(write, (value) => value, transact));
  }
}

/**
 * Returns a handler of transactions whose writes are named `write`. `narrow` gives the value of a
 * read the type that the reply must have.
 */
function handlerOf<W extends WriteName, V extends Json>(
  write: W,
  narrow: (value: Json) => V,
  transact: Transact,
) {
  const reply = (results: readonly MicroOperation[]) => ({
    txn: results.map(([f, key, value]): MicroOperation<W, V> =>
      f === READ ? [f, key, narrow(value)] : [write, key, value]
    ),
  });
  return ({ txn }: { readonly txn: MicroOperation<W>[] }, request: IncomingRequest) => {
    checkDepth(txn);
    const results = transact(txn, request);
    return results instanceof Promise ? results.then(reply) : reply(results);
  };
}

function listOrNull(value: Json): Json[] | null {
  if (value === null || Array.isArray(value)) return value;
  const text = `a key must hold a list or null, got ${stringifyJson(value)}`;
  throw new RpcError(ErrorCode.crash, text);
}

/** Throws an `RpcError` 12 (malformed-request) for a key or value that nests too deep. */
export function checkDepth(transaction: Transaction): void {
  for (const [index, [, key, value]] of transaction.entries()) {
    if (!isDeeper(key, MAX_DEPTH) && !isDeeper(value, MAX_DEPTH)) continue;
    throw new RpcError(
      ErrorCode.malformedRequest,
      `txn[${index}] has a key or a value that nests deeper than ${MAX_DEPTH} levels; ` +
        "the transaction was not run",
    );
  }
}

/** Whether a value nests arrays and objects more than `maxLevels` levels deep. */
function isDeeper(value: Json, maxLevels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return maxLevels === 0 || Object.values(value).some((part) => isDeeper(part, maxLevels - 1));
}
