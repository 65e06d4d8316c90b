/**
 * Strategies `root` (lists) and `lin-kv` (registers): strict serializability on Maelstrom's stores,
 * after the Datomic chapter of Maelstrom's documentation.
 *
 * One value in lin-kv, the root, stands for the whole database, and every commit replaces it by
 * compare-and-set. Three parts:
 *
 * - {@link Database}: the root, the thunks it names, and what this node knows of them. The latest
 *   writes stand in the root itself, so that a commit is one message to the store and its answer.
 * - {@link Committer}: all transactions at hand share one compare-and-set, or none if they only
 *   read and the other nodes witness that nothing is missing (`witnesses.ts`).
 * - {@link Dispatcher}: nodes hand their transactions to one of them, as long as they can, so that
 *   the root has one writer, who knows it already.
 *
 * Why it is right: a compare-and-set that succeeds proves that nobody has written since the state
 * on which the transactions ran; so they take effect at that instant, one after the other, between
 * request and answer. That needs lin-kv and nothing else: no clock, no leader, no other node. What
 * is read by the word of all other nodes is as new, for the reason that stands there. A client hears
 * of a failure that its transaction was not done (error 30) only if nobody has tried it, or all
 * tries certainly failed; else that nobody knows (error 0). It allows no anomaly.
 *
 * What it costs, in messages between servers for a transaction: 2 ÷ c with c clients a node, if all
 * ask within the time that a commit waits for others, since n nodes then need 2 (n − 1) messages
 * between each other and 2 to the store. It is less by what is only read and needs no word to the
 * store (`witnesses.ts`). At rate 100 with one client a node: 1.80 on two nodes, 1.87 on three,
 * 1.98 on five; on two nodes 1.18 with two clients each, 0.72 with four. Nodes that are cut off from
 * each other commit for themselves, and take turns (`turns.ts`): with one client a node two messages
 * is then the least there can be, since each transaction takes one out of its node and one in. On two
 * nodes in a run with partitions that is 1.91 on the average of sixty, from 1.79 where they cut nothing
 * to 2.10 where they cut all the time; 1.15 with two clients each. 700 to 1,200 bytes, for the root
 * travels twice in each compare-and-set. It takes a round trip to lin-kv, one to the committing node,
 * and up to 50 ms of waiting for company, or a round trip where that is longer; in a cut, now and then
 * the half second of the other side's turn.
 *
 * What it survives: partitions of every shape, since the stores are never cut off; the loss of
 * every node's memory, since what was answered is in the store. It does not survive the loss of
 * lin-kv. With the restart of a node the root grows by the names of its two streams, for good.
 *
 * @module
 */

import { flag, type FlagValues, type Node, REQUEST_DEADLINE_MS } from "../../../node/mod.ts";
import type { Transact } from "../transaction.ts";
import { Committer } from "./committer.ts";
import { Database } from "./database.ts";
import { Dispatcher } from "./dispatcher.ts";
import { serveJobs } from "./job_messages.ts";
import type { ApplyWrite } from "./write_history.ts";

export type { ApplyWrite } from "./write_history.ts";

/** The flags of a node that commits by a root. */
export const rootFlags = {
  linger: flag.number({
    placeholder: "MS",
    help: "batch transactions for",
    default: 50,
  }),
  lease: flag.number({
    placeholder: "MS",
    help: "lease while partitioned nodes compete",
    default: 500,
    min: 1,
  }),
  "commit-timeout": flag.number({
    placeholder: "MS",
    help: "give up a transaction after",
    default: 3900,
    min: 1,
    max: REQUEST_DEADLINE_MS,
  }),
  "compact-after": flag.number({
    placeholder: "N",
    help: "writes in the root before compaction",
    default: 128,
    min: 1,
    integer: true,
  }),
  thunks: flag.oneOf(["lin-kv", "seq-kv", "lww-kv"], {
    help: "where older writes go: lin-kv, seq-kv, lww-kv",
    default: "lin-kv",
  }),
};

/** The values of {@link rootFlags}. */
export type RootOptions = FlagValues<typeof rootFlags>;

/** What the transactions write to: the name of the micro-operation, and what it does to a value. */
export interface Datatype {
  readonly write: string;
  readonly apply: ApplyWrite;
}

/** Wires the commit of transactions by a root. Call it while the node is wired. */
export function commitByRoot(node: Node, datatype: Datatype, options: RootOptions): Transact {
  const { linger: gather, lease: turn, "commit-timeout": patience, thunks } = options;
  const life = `${node.id}-${node.incarnation}`;
  const mostInRoot = options["compact-after"];
  const database = new Database(node, datatype.apply, life, { thunks, mostInRoot });
  const committer = new Committer(node, database, `${life}-own`, { gather, turn, patience });
  const dispatcher = new Dispatcher(node, committer, `${life}-handed`, patience);
  serveJobs(node, datatype.write, committer);
  return (transaction, client) => dispatcher.transact(transaction, client);
}
