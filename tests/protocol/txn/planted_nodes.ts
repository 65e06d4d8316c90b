/**
 * Nodes that run transactions as the project's own, with one planted fault each.
 *
 * @module
 */

import { type Json, type Node, RpcError } from "../../../lib/node/mod.ts";
import {
  type ApplyWrite,
  type MicroOperation,
  serveTransactions,
  type WriteName,
} from "../../../lib/protocol/txn/mod.ts";
import { Committer } from "../../../lib/protocol/txn/root/commit.ts";
import { Forwarder } from "../../../lib/protocol/txn/root/forward.ts";
import { Log } from "../../../lib/protocol/txn/root/log.ts";
import { gossip } from "../../../lib/replication/mod.ts";
import { atomically, Registers, storeOf } from "../../../nodes/txn_rw_register.ts";
import { replaced } from "../../support/replaced.ts";

const flags = { interval: 50, "rto-margin": 100, "max-rto": 600, "max-timeouts": 3 };

/** Dirty reads: every eighth transaction fails, but its writes stay visible. */
export function dirtyReads(node: Node) {
  const registers = new Registers(node);
  const transact = atomically(storeOf(node, registers, gossip(node, registers, flags).changed));
  let count = 0;
  serveTransactions(node, "w", (transaction) => {
    const results = transact(transaction);
    if (++count % 8 === 0) throw new RpcError(14, "planted fault: every eighth transaction aborts");
    return results;
  });
}

type Merge = Registers["merge"];

/** Returns a node whose registers merge deltas by the function that `plant` returns. */
function registersMergedBy(plant: (node: Node, merge: Merge) => Merge) {
  return (node: Node) => {
    const registers = new Registers(node);
    const merge: Merge = (...delta) => registers.merge(...delta);
    const state = replaced(registers, { merge: plant(node, merge) });
    const { changed } = gossip(node, state, flags);
    serveTransactions(node, "w", atomically(storeOf(node, registers, changed)));
  };
}

type WriterDelta = [string, ...Json[][]];

/** Fractured reads: a transaction's first write is visible immediately, the others 30 ms later. */
export const fracturedReads = registersMergedBy((node, merge) => (delta, source, now) => {
  const firsts = (delta as WriterDelta[]).map(([writer, ...transactions]) => [
    writer,
    ...transactions.map((transaction) => transaction.slice(0, 3)),
  ]);
  merge(firsts, source, now);
  node.after(30, () => merge(delta, source, now));
});

/** Inverted causal order: four of eight deltas are delayed by 400 ms, although they count. */
export const invertedCauses = registersMergedBy((node, merge) => {
  let merged = 0;
  return (delta, source, now) => {
    if (++merged % 8 < 4) node.after(400, () => merge(delta, source, now));
    else merge(delta, source, now);
  };
});

/** Plants a fault in a node's log. */
type Plant = (log: Log) => void;

/** Returns a node with strategy `root` on a log with a fault; nodes forward batches or do not. */
function rootedOn(plant: Plant, write: WriteName, apply: ApplyWrite, forwards: boolean) {
  return (node: Node) => {
    const incarnation = `${node.id}-${node.incarnation}`;
    const log = new Log(node, { apply, incarnation, compactAfter: 64 });
    plant(log);
    const committer = new Committer(node, log, { lingerMs: 5, backoffMs: 20 });
    const alone = replaced(node, { nodes: [node.id] });
    const forwarder = new Forwarder(forwards ? node : alone, committer, incarnation, write);
    serveTransactions(
      node,
      write,
      (transaction, request) => forwarder.transact(transaction, request),
    );
  };
}

const register: ApplyWrite = (_, value) => value;
const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];

const noFault: Plant = () => {};

/** Appends writes even if another node has committed in between. */
const careless: Plant = (log) => {
  const append = log.append.bind(log);
  log.append = (writes, batches) =>
    append(writes, batches).catch(async () => {
      await log.refresh();
      return append(writes, batches);
    });
};

/** As {@link careless}, but fails if one of the written keys has changed in between. */
const snapshot: Plant = (log) => {
  const append = log.append.bind(log);
  log.append = (writes, batches) => {
    const before = log.length;
    return append(writes, batches).catch(async (error) => {
      await log.refresh();
      const reads = writes.map(([key]): MicroOperation => ["r", key, null]);
      const [then, now] = [log.fork(before).run(reads), log.fork().run(reads)];
      if (JSON.stringify(then) !== JSON.stringify(now)) throw error;
      return append(writes, batches);
    });
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
