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
  type Write,
  type WriteName,
} from "../../../lib/protocol/txn/mod.ts";
import { serveBatches } from "../../../lib/protocol/txn/root/batch_messages.ts";
import { ClientRequest } from "../../../lib/protocol/txn/root/client_request.ts";
import { Committer } from "../../../lib/protocol/txn/root/committer.ts";
import { Database } from "../../../lib/protocol/txn/root/database.ts";
import { Forwarder } from "../../../lib/protocol/txn/root/forwarder.ts";
import type { CommittedBatch } from "../../../lib/protocol/txn/root/root_record.ts";

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

/** Returns a node with strategy `root` on a database class; nodes forward batches or do not. */
function rootedOn(
  database: typeof Database,
  write: WriteName,
  apply: ApplyWrite,
  forwards: boolean,
) {
  return (node: Node) => {
    const incarnation = `${node.id}-${node.incarnation}`;
    const copy = new database(node, apply, incarnation, { thunks: "lin-kv", compactAfter: 64 });
    const options = { lingerMs: 5, leaseMs: 20, timeoutMs: 3500 };
    const committer = new Committer(node, copy, `${incarnation}/own`, options);
    const forwarder = new Forwarder(node, committer, `${incarnation}/remote`, 3500);
    serveBatches(node, write, committer);
    serveTransactions(node, write, (transaction, client) => {
      if (forwards) return forwarder.transact(transaction, client);
      const request = new ClientRequest(node, transaction, client, 3500);
      committer.submit(request);
      return request.reply;
    });
  };
}

const register: ApplyWrite = (_, value) => value;
const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];

/** Appends writes even if another node has committed in between. */
class CarelessDatabase extends Database {
  override async append(
    writes: readonly Write[],
    batches: readonly CommittedBatch[],
  ): Promise<boolean> {
    if (await super.append(writes, batches)) return true;
    await this.refresh();
    return super.append(writes, batches);
  }
}

/** As {@link CarelessDatabase}, but fails if one of the written keys has changed in between. */
class SnapshotDatabase extends Database {
  override async append(
    writes: readonly Write[],
    batches: readonly CommittedBatch[],
  ): Promise<boolean> {
    const before = this.length;
    if (await super.append(writes, batches)) return true;
    await this.refresh();
    const reads = writes.map(([key]): MicroOperation => ["r", key, null]);
    const [then, now] = [this.workspace(before).run(reads), this.workspace().run(reads)];
    if (JSON.stringify(then) !== JSON.stringify(now)) return false;
    return super.append(writes, batches);
  }
}

/** Does not recognise batches that have been committed. */
class ForgetfulDatabase extends Database {
  override lastOf(): undefined {
    return undefined;
  }
}

/** Lost updates: writes are based on an outdated state. */
export const lostUpdates = rootedOn(CarelessDatabase, "w", register, false);
/** Write skew: commits validate written keys only, and no reads. */
export const writeSkew = rootedOn(SnapshotDatabase, "w", register, false);
/** Duplicate writes: a batch is committed by the coordinator, and again by its own node. */
export const appliedTwice = rootedOn(ForgetfulDatabase, "append", list, true);
/** No fault. */
export const rootedRegisters = rootedOn(Database, "w", register, false);
/** No fault. */
export const rootedLists = rootedOn(Database, "append", list, true);
