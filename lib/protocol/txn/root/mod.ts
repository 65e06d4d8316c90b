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

import { choice, type Node, type NodeFlag, quantity } from "../../../node/mod.ts";
import { newIncarnation } from "../../crdt/mod.ts";
import type { Transact } from "../transaction.ts";
import { Committer } from "./committer.ts";
import { Database } from "./database.ts";
import { Dispatcher } from "./dispatcher.ts";
import { serveJobs } from "./job_messages.ts";
import type { ThunkStore } from "./root_store.ts";
import type { ApplyWrite } from "./write_history.ts";

export type { ApplyWrite } from "./write_history.ts";

/** The flags of a node that commits by a root. */
export const rootFlags: {
  readonly gather: NodeFlag<number>;
  readonly turn: NodeFlag<number>;
  readonly patience: NodeFlag<number>;
  readonly fold: NodeFlag<number>;
  readonly thunks: NodeFlag<ThunkStore>;
} = {
  gather: quantity(
    50,
    "milliseconds that a transaction waits for others, who asked lately, to share a commit: time " +
      "for five more at Maelstrom's rate of 100, so that one a node is there with up to five " +
      "nodes; longer where a round trip to the store is longer",
  ),
  turn: quantity(
    500,
    "milliseconds that a node has the root for itself where another that is cut off commits, too: so " +
      "long that two messages to look at the root are few beside what is done meanwhile, and a cut " +
      "makes nobody wait for much longer than that; longer where a round trip to the store is longer",
    { least: 1 },
  ),
  patience: quantity(
    3900,
    "milliseconds after which a client is told that its transaction was not committed: so much less " +
      "than the five seconds that Maelstrom's client waits that a late answer is in time; at 4500 " +
      "each node answers that nobody knows, so this has to come before",
    { least: 1, most: 4400 },
  ),
  fold: quantity(
    128,
    "writes that the root holds itself: 1 kB, and a hundredth of a message for each of them when " +
      "they are put away",
    { least: 1, integer: true },
  ),
  thunks: choice(["lin-kv", "seq-kv", "lww-kv"], "where to put writes away"),
};

/** The values of {@link rootFlags}. */
export interface RootOptions {
  readonly gather: number;
  readonly turn: number;
  readonly patience: number;
  readonly fold: number;
  readonly thunks: ThunkStore;
}

/** What the transactions write to: the name of the micro-operation, and what it does to a value. */
export interface Datatype {
  readonly write: string;
  readonly apply: ApplyWrite;
}

/** Wires the commit of transactions by a root. Call it while the node is wired. */
export function commitByRoot(node: Node, datatype: Datatype, options: RootOptions): Transact {
  const { gather, turn, patience, fold, thunks } = options;
  let started: { readonly committer: Committer; readonly dispatcher: Dispatcher } | undefined;
  const known = () => {
    if (started === undefined) throw new Error("nothing can be committed before init");
    return started;
  };
  node.on("init", () => {
    const life = `${node.id}-${newIncarnation(node)}`;
    const database = new Database(node, datatype.apply, life, { thunks, mostInRoot: fold });
    const pace = { gather, turn, patience };
    const committer = new Committer(node, database, `${life}-own`, pace);
    started = {
      committer,
      dispatcher: new Dispatcher(node, committer, `${life}-handed`, patience),
    };
  });
  serveJobs(node, datatype.write, () => known().committer);
  return (transaction, client) => known().dispatcher.transact(transaction, client);
}
