/**
 * Nodes that run transactions as the project's own, with one planted fault each.
 *
 * @module
 */

import { type Json, type Node, RpcError } from "../../../lib/node/mod.ts";
import { replicate } from "../../../lib/protocol/crdt/mod.ts";
import {
  type ApplyWrite,
  type MicroOperation,
  Registers,
  runAtomically,
  serveTransactions,
  type WriteName,
} from "../../../lib/protocol/txn/mod.ts";
import { Request } from "../../../lib/protocol/txn/root/batch.ts";
import { Committer } from "../../../lib/protocol/txn/root/commit.ts";
import { Forwarder, serveBatches } from "../../../lib/protocol/txn/root/forward.ts";
import { Log } from "../../../lib/protocol/txn/root/log.ts";

const pace = { interval: 50, retry: 200 };

/** Dirty reads: every eighth transaction fails, but its writes stay visible. */
export function dirtyReads(node: Node) {
  const registers = replicate(node, pace, new Registers(`${node.id}/${node.incarnation}`));
  let count = 0;
  serveTransactions(node, "w", (transaction) => {
    const results = runAtomically(registers, transaction);
    if (++count % 8 === 0) throw new RpcError(14, "planted fault: every eighth transaction aborts");
    return results;
  });
}

/** Returns a node whose registers join deltas by the function `join`. */
function registersJoinedBy(
  join: (node: Node, registers: Registers, delta: Json, neighbour: string) => void,
) {
  return (node: Node) => {
    class Joined extends Registers {
      override join(delta: Json, neighbour: string) {
        // `join` calls `joinNow`, since this method would recurse.
        join(node, this, delta, neighbour);
      }
      joinNow(delta: Json, neighbour: string) {
        super.join(delta, neighbour);
      }
    }
    const registers = replicate(node, pace, new Joined(`${node.id}/${node.incarnation}`));
    serveTransactions(node, "w", (transaction) => runAtomically(registers, transaction));
  };
}

type JoinNow = { joinNow(delta: Json, neighbour: string): void };
type WriterDelta = [string, ...Json[][]];

/** Fractured reads: a transaction's first write is visible immediately, the others 30 ms later. */
export const fracturedReads = registersJoinedBy((node, registers, delta, neighbour) => {
  const now = registers as Registers & JoinNow;
  const firsts = (delta as WriterDelta[]).map(([writer, ...transactions]) => [
    writer,
    ...transactions.map((transaction) => transaction.slice(0, 3)),
  ]);
  now.joinNow(firsts, neighbour);
  node.after(30, () => now.joinNow(delta, neighbour));
});

/**
 * Inverted causal order: four of eight deltas are delayed by 400 ms. One delayed delta would not
 * suffice, since the next one is sent before the first is acknowledged and so contains it.
 */
export const invertedCauses = registersJoinedBy((node, registers, delta, neighbour) => {
  const now = registers as Registers & JoinNow & { joined?: number };
  now.joined = (now.joined ?? 0) + 1;
  if (now.joined % 8 < 4) node.after(400, () => now.joinNow(delta, neighbour));
  else now.joinNow(delta, neighbour);
});

/** Plants a fault in a node's log. */
type Plant = (log: Log) => void;

/** Returns a node with strategy `root` on a log with a fault; nodes forward batches or do not. */
function rootedOn(plant: Plant, write: WriteName, apply: ApplyWrite, forwards: boolean) {
  return (node: Node) => {
    const incarnation = `${node.id}-${node.incarnation}`;
    const log = new Log(node, { apply, incarnation, thunks: node.kv.lin, compactAfter: 64 });
    plant(log);
    const options = { lingerMs: 5, leaseMs: 20, timeoutMs: 3500 };
    const committer = new Committer(node, log, `${incarnation}/own`, options);
    const forwarder = new Forwarder(node, committer, `${incarnation}/remote`, 3500);
    serveBatches(node, write, committer);
    serveTransactions(node, write, async (transaction, client) => {
      if (forwards) return forwarder.transact(transaction, client);
      const request = new Request(node, [transaction], client, 3500);
      committer.submit(request);
      const [results] = await request.reply;
      return results as MicroOperation[];
    });
  };
}

const register: ApplyWrite = (_, value) => value;
const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];

const noFault: Plant = () => {};

/** Appends writes even if another node has committed in between. */
const careless: Plant = (log) => {
  const append = log.append.bind(log);
  log.append = async (writes, batches) => {
    if (await append(writes, batches)) return true;
    await log.refresh();
    return append(writes, batches);
  };
};

/** As {@link careless}, but fails if one of the written keys has changed in between. */
const snapshot: Plant = (log) => {
  const append = log.append.bind(log);
  log.append = async (writes, batches) => {
    const before = log.length;
    if (await append(writes, batches)) return true;
    await log.refresh();
    const reads = writes.map(([key]): MicroOperation => ["r", key, null]);
    const [then, now] = [log.fork(before).run(reads), log.fork().run(reads)];
    return JSON.stringify(then) === JSON.stringify(now) && await append(writes, batches);
  };
};

/** Does not recognise batches that have been committed. */
const forgetful: Plant = (log) => {
  log.lastOf = (session) => [session, -1, 0];
};

/** Lost updates: writes are based on an outdated state. */
export const lostUpdates = rootedOn(careless, "w", register, false);
/** Write skew: commits validate written keys only, and no reads. */
export const writeSkew = rootedOn(snapshot, "w", register, false);
/** Duplicate writes: a batch is committed by the coordinator, and again by its own node. */
export const appliedTwice = rootedOn(forgetful, "append", list, true);
/** No fault. */
export const rootedRegisters = rootedOn(noFault, "w", register, false);
/** No fault. */
export const rootedLists = rootedOn(noFault, "append", list, true);
