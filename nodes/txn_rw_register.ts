#!/usr/bin/env -S deno run
/**
 * Transactions on registers (Gossip Glomers challenge 6), at several isolation levels. Needs no
 * permissions.
 *
 * This file is the strategy `causal`, the default, and `local`, the same on a single node.
 * `lib/protocol/txn/` has the others: `read-committed` and `read-uncommitted` interleave a node's
 * transactions, cost as much, and show which anomalies isolation prevents. `lin-kv` is strictly
 * serializable, and takes a round trip to a store. All others are available under any partition.
 *
 * **Idea.** Every node has all registers, and runs a transaction on its own without interruption. A
 * write gets a Lamport timestamp (Lamport 1978): a counter above all that the node has received, and
 * the name of its incarnation, the *writer*, which breaks ties. A register keeps the value with the
 * highest timestamp. The nodes gossip what changed: an `update` carries
 * `[[writer, [counter, key, value, key, value, …], …], …]`, a writer's writes by transaction. A
 * `sync` carries the highest counter that its sender has received from each writer.
 *
 * **Why it is right.** All writes of a transaction get the same timestamp. So there is one total order
 * of all transactions that write, in which they take effect on every key. It extends causality. A node
 * merges a delta at once, and only if it has everything before it (causal delta-merging: Almeida et
 * al., "Delta state replicated data types", 2018, definition 6). Two properties follow by induction:
 *
 * - A node that has a write has everything that its transaction had seen, or newer values.
 * - A node that has one write of a transaction has all of them, or newer values.
 *
 * That is causal consistency with atomic visibility (Cerone et al., "A Framework for Transactional
 * Consistency Models with Atomic Visibility", 2015). It is why the counter of a transaction tells
 * which of its writer's transactions a node has. A client stays with its node, whose state never goes
 * back: a session reads its own writes, and its reads are monotonic. Taking the higher timestamp is
 * commutative, associative and idempotent, so nodes that received the same updates agree.
 *
 * **Cost.** No message on a transaction's path, at most one a neighbour and interval, and none without
 * writes. A write is lost if its node loses its memory before it sent it on; the node's sessions then
 * lose their guarantees, too.
 *
 * **Anomalies** that it allows, as nodes write without coordination (x and y are null at first):
 *
 *     lost update    n0: r x null, w x 1      n1: r x null, w x 2      later, on both: r x 2
 *     write skew     n0: r x null, w y 1      n1: r y null, w x 1
 *     long fork      n0: w x 1                n1: w y 1
 *                    n0: r x 1, r y null      n1: r x null, r y 1
 *     stale read     n0: w x 1                after the reply, n1: r x null
 *
 * On a cluster of one node (`local`) each transaction sees all earlier ones: strict serializability.
 * With `local` on a larger cluster each node is a store of its own.
 *
 * @module
 */

import { flag, type FlagValues, type Json, type Node, serve, withFlags } from "../lib/node/mod.ts";
import {
  canonicalKey,
  commitByRoot,
  type MicroOperation,
  overwrite,
  readCommitted,
  readUncommitted,
  rootFlags,
  serveTransactions,
  State,
  type Store,
  type Transact,
  type Transaction,
  type Write,
} from "../lib/protocol/txn/mod.ts";
import {
  ChangeLog,
  gossip,
  gossipFlags,
  type Receiver,
  type ReplicatedState,
} from "../lib/replication/mod.ts";

const flags = {
  strategy: flag.oneOf(["causal", "local", "read-uncommitted", "read-committed", "lin-kv"], {
    help: "causal, local, lin-kv, read-(un)committed",
    default: "causal",
  }),
  ...gossipFlags,
  interval: flag.withDefault(gossipFlags.interval, 110),
  pause: flag.number({
    placeholder: "MS",
    help: "read-(un)committed: time between statements",
    default: 1,
  }),
  ...rootFlags,
};

/** Serves `txn` requests of `["r", key, null]` and `["w", key, value]`. */
const txnRwRegister = withFlags({ flags }, (node, options) => {
  serveTransactions(node, "w", start(node, options));
});
export default txnRwRegister;

function start(node: Node, options: FlagValues<typeof flags>): Transact {
  const { strategy, pause } = options;
  if (strategy === "lin-kv") return commitByRoot(node, { write: "w", apply: overwrite }, options);
  const registers = new Registers(node);
  if (strategy === "local") {
    if (node.peers.length > 0) {
      node.log("strategy local is for a cluster of one node: these nodes never converge");
    }
    return atomically(storeOf(node, registers));
  }
  const store = storeOf(node, registers, gossip(node, registers, options).changed);
  if (strategy === "read-committed") return readCommitted(node, store, pause);
  if (strategy === "read-uncommitted") return readUncommitted(node, store, pause);
  return atomically(store);
}

/** Returns the registers of a node; calls `changed` after each commit. */
export function storeOf(
  node: Pick<Node, "monotonic">,
  registers: Registers,
  changed = () => {},
): Store {
  return {
    read: (canonical) => registers.read(canonical),
    commit(writes) {
      registers.commit(writes, node.monotonic());
      changed();
    },
  };
}

/** Runs each transaction without interruption: it reads one snapshot, and then commits. */
export function atomically(store: Store): (transaction: Transaction) => MicroOperation[] {
  return (transaction) => {
    const workspace = new State(overwrite, store.read);
    const results = workspace.run(transaction);
    store.commit(workspace.writes);
    return results;
  };
}

interface Register {
  readonly key: Json;
  readonly value: Json;
  readonly counter: number;
  readonly writer: string;
}
/** By writer, the highest counter of its transactions. */
type Summary = { readonly [writer: string]: number };
type WriterDelta = [writer: string, ...transactions: [counter: number, ...writes: Json[]][]];

/** The registers of one replica. */
export class Registers implements ReplicatedState {
  readonly isOrdered = true;
  readonly #writer: string;
  /** By canonical key. */
  readonly #log = new ChangeLog<Register>(({ counter, writer }, summary) =>
    counter <= ((summary as Summary)[writer] ?? 0)
  );
  readonly #received = new Map<string, number>();
  #counter = 0;

  /** What is written here has this incarnation of the node as its writer. */
  constructor({ id, incarnation }: { readonly id: string; readonly incarnation: string }) {
    this.#writer = `${id}.${incarnation}`;
  }

  get version(): number {
    return this.#log.version;
  }

  get summaryVersion(): number {
    return this.#log.version;
  }

  /** Returns the value of a key; undefined when it was never written. */
  read(canonical: string): Json | undefined {
    return this.#log.get(canonical)?.value;
  }

  /** Applies the writes of one transaction, of which the last one to a key counts. */
  commit(writes: readonly Write[], now: number): void {
    if (writes.length === 0) return;
    const last = new Map(writes.map((write) => [canonicalKey(write[0]), write]));
    this.#apply(this.#writer, this.#counter + 1, [...last.values()], undefined, now);
  }

  firstFor(from: number, receiver: Receiver): number {
    return this.#log.firstFor(from, receiver);
  }

  changedAt(position: number): number {
    return this.#log.changedAt(position);
  }

  delta(from: number, receiver: Receiver): { delta: Json; to: number } {
    const registers = this.#log.changesFor(from, receiver).map(({ value }) => value);
    const delta = [...Map.groupBy(registers, ({ writer }) => writer)].map(([writer, own]) => [
      writer,
      ...[...Map.groupBy(own, ({ counter }) => counter)].map(([counter, writes]) => [
        counter,
        ...writes.flatMap(({ key, value }) => [key, value]),
      ]),
    ]);
    return { delta, to: this.version };
  }

  merge(delta: Json, source: string, now: number): void {
    for (const [writer, ...transactions] of toDelta(delta)) {
      for (const [counter, ...flat] of transactions) {
        const writes = flat.flatMap((key, at): Write[] =>
          at % 2 === 0 ? [[key, flat[at + 1] as Json]] : []
        );
        this.#apply(writer, counter, writes, source, now);
      }
    }
  }

  summary(): Json {
    return Object.fromEntries(this.#received);
  }

  includes(summary: Json): boolean {
    return Object.entries(summary as Summary).every(([writer, counter]) =>
      counter <= (this.#received.get(writer) ?? 0)
    );
  }

  #apply(
    writer: string,
    counter: number,
    writes: readonly Write[],
    source: string | undefined,
    now: number,
  ): void {
    this.#counter = Math.max(this.#counter, counter);
    this.#received.set(writer, Math.max(counter, this.#received.get(writer) ?? 0));
    for (const [key, value] of writes) {
      const canonical = canonicalKey(key);
      const current = this.#log.get(canonical);
      if (current !== undefined && !isLater(counter, writer, current)) continue;
      this.#log.set(canonical, { key, value, counter, writer }, source, now);
    }
  }
}

/** Whether a timestamp is above that of a register. */
function isLater(counter: number, writer: string, current: Register): boolean {
  return counter > current.counter || (counter === current.counter && writer > current.writer);
}

/** Validates a delta as a whole, since a malformed one must not be merged in part. */
function toDelta(delta: Json): WriterDelta[] {
  const isTransaction = (transaction: Json) =>
    Array.isArray(transaction) && transaction.length % 2 === 1 &&
    Number.isSafeInteger(transaction[0]);
  const isOfWriter = (part: Json) =>
    Array.isArray(part) && typeof part[0] === "string" && part.slice(1).every(isTransaction);
  if (Array.isArray(delta) && delta.every(isOfWriter)) return delta as unknown as WriterDelta[];
  throw new TypeError("a delta of registers must be [[writer, [counter, key, value, …], …], …]");
}

if (import.meta.main) await serve(txnRwRegister);
