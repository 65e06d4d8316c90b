/**
 * Nodes that run transactions as ours do, but for one fault each.
 *
 * @module
 */

import { type Json, type Node, RpcError } from "../../../lib/node/mod.ts";
import { replicate } from "../../../lib/protocol/crdt/mod.ts";
import {
  type ApplyWrite,
  Registers,
  runAtOnce,
  serveTransactions,
  type Write,
} from "../../../lib/protocol/txn/mod.ts";
import { ClientRequest } from "../../../lib/protocol/txn/root/client_request.ts";
import { Committer } from "../../../lib/protocol/txn/root/committer.ts";
import { Database } from "../../../lib/protocol/txn/root/database.ts";
import { Dispatcher } from "../../../lib/protocol/txn/root/dispatcher.ts";
import { serveJobs } from "../../../lib/protocol/txn/root/job_messages.ts";
import type { DoneJob } from "../../../lib/protocol/txn/root/root_record.ts";

const pace = { interval: 50, retry: 200 };

/** Every eighth transaction is refused, though its writes are there for all to see. */
export function dirtyReads(node: Node) {
  const registers = replicate(node, pace, new Registers(`${node.id}/${node.incarnation}`));
  let count = 0;
  serveTransactions(node, "w", (transaction) => {
    const done = runAtOnce(registers, transaction);
    if (++count % 8 === 0) throw new RpcError(14, "not this one");
    return done;
  });
}

/** The nodes' registers, where what others tell is joined as `join` has it. */
function registersJoinedBy(
  join: (node: Node, registers: Registers, delta: Json, neighbour: string) => void,
) {
  return (node: Node) => {
    class Joined extends Registers {
      override join(delta: Json, neighbour: string) {
        // With the methods of the class itself: this one is what `join` wraps.
        join(node, this, delta, neighbour);
      }
      joinNow(delta: Json, neighbour: string) {
        super.join(delta, neighbour);
      }
    }
    const registers = replicate(node, pace, new Joined(`${node.id}/${node.incarnation}`));
    serveTransactions(node, "w", (transaction) => runAtOnce(registers, transaction));
  };
}

type JoinNow = { joinNow(delta: Json, neighbour: string): void };
type WriterDelta = [string, ...Json[][]];

/** Of each transaction the first write is there at once, the others 30 ms later. */
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
 * Of eight deltas the first four take 400 ms longer than the others. (One alone would not do: what
 * it holds comes with the next again, which is sent before the first is acknowledged.)
 */
export const invertedCauses = registersJoinedBy((node, registers, delta, neighbour) => {
  const now = registers as Registers & JoinNow & { joined?: number };
  now.joined = (now.joined ?? 0) + 1;
  if (now.joined % 8 < 4) node.after(400, () => now.joinNow(delta, neighbour));
  else now.joinNow(delta, neighbour);
});

/** The strategy `root` on a database of the given class; nodes hand jobs over, or do not. */
function rootedOn(database: typeof Database, write: string, apply: ApplyWrite, handOver: boolean) {
  return (node: Node) => {
    const life = `${node.id}-${node.incarnation}`;
    const known = new database(node, apply, life, { thunks: "lin-kv", mostInRoot: 64 });
    const commitPace = { gather: 5, turn: 20, patience: 3500 };
    const committer = new Committer(node, known, `${life}/own`, commitPace);
    const dispatcher = new Dispatcher(node, committer, `${life}/handed`, 3500);
    serveJobs(node, write, committer);
    serveTransactions(node, write, (transaction, client) => {
      if (handOver) return dispatcher.transact(transaction, client);
      const request = new ClientRequest(node, transaction, client, 3500);
      committer.take(request);
      return request.answer;
    });
  };
}

const register: ApplyWrite = (_, value) => value;
const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];

/** When another node has committed in between, the writes are made all the same. */
class CarelessDatabase extends Database {
  override async append(writes: readonly Write[], jobs: readonly DoneJob[]): Promise<boolean> {
    if (await super.append(writes, jobs)) return true;
    await this.refresh();
    return super.append(writes, jobs);
  }
}

/** As {@link CarelessDatabase}, unless one of the keys to be written has been written in between. */
class SnapshotDatabase extends Database {
  override async append(writes: readonly Write[], jobs: readonly DoneJob[]): Promise<boolean> {
    const before = this.length;
    if (await super.append(writes, jobs)) return true;
    await this.refresh();
    const reads = writes.map(([key]): [string, Json, Json] => ["r", key, null]);
    const [then, now] = [this.draft(before).run(reads), this.draft().run(reads)];
    if (JSON.stringify(then) !== JSON.stringify(now)) return false;
    return super.append(writes, jobs);
  }
}

/** It does not know which jobs have been committed. */
class ForgetfulDatabase extends Database {
  override lastOf(): undefined {
    return undefined;
  }
}

/** Writes that rest on a state which is no longer the newest. */
export const lostUpdates = rootedOn(CarelessDatabase, "w", register, false);
/** Reads that are not looked at again when a transaction commits. */
export const writeSkew = rootedOn(SnapshotDatabase, "w", register, false);
/** Jobs that are committed by whoever they were handed to, and again by their own node. */
export const appliedTwice = rootedOn(ForgetfulDatabase, "append", list, true);
/** No fault. */
export const rootedRegisters = rootedOn(Database, "w", register, false);
/** No fault. */
export const rootedLists = rootedOn(Database, "append", list, true);
