/**
 * Strategies `root` (lists) and `lin-kv` (registers): strict serializability on Maelstrom's stores,
 * after the Datomic chapter of Maelstrom's documentation.
 *
 * One value in lin-kv, the root, stands for the whole database, and every commit replaces it by
 * compare-and-set. Three parts:
 *
 * - {@link Database}: the root, the thunks it names, and what this node knows of them. The latest
 *   writes stand in the root itself, so that a commit is one message to the store and its answer.
 * - {@link Committer}: all transactions at hand share one compare-and-set.
 * - {@link Dispatcher}: nodes hand their transactions to one of them, as long as they can, so that
 *   the root has one writer, who knows it already.
 *
 * Why it is right: a compare-and-set that succeeds proves that nobody has written since the state
 * on which the transactions ran; so they take effect at that instant, one after the other, between
 * request and answer. That needs lin-kv and nothing else: no clock, no leader, no other node. A
 * client hears of a failure that its transaction was not done (error 30) only if nobody has tried
 * it, or all tries certainly failed; else that nobody knows (error 0). It allows no anomaly.
 *
 * What it costs, in messages between servers for a transaction: 2 ÷ c with c clients a node, if all
 * ask within the time that a commit waits for others, since n nodes then need 2 (n − 1) messages
 * between each other and 2 to the store. (With one client a node there is no less: the next request
 * comes after the answer, so each takes a message out of its node and one in, whatever the
 * protocol.) At rate 100 on two nodes: 2.02 with one client each, 1.4 with two, 0.9 with four; 2.1
 * to 2.4 with one client each in a run that is often cut. About 800 bytes, for the root travels
 * twice in each compare-and-set. It takes a round trip to lin-kv, one to the committing node, and
 * up to 50 ms of waiting for company.
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
  readonly "back-off": NodeFlag<number>;
  readonly patience: NodeFlag<number>;
  readonly fold: NodeFlag<number>;
  readonly thunks: NodeFlag<ThunkStore>;
} = {
  gather: quantity(
    50,
    "milliseconds that a transaction waits for others, who asked lately, to share a commit: time " +
      "for five more at Maelstrom's rate of 100, so that one a node is there with up to five nodes",
  ),
  "back-off": quantity(
    200,
    "milliseconds that a node leaves the root to others after it failed to replace it: so long that " +
      "a failure and what follows, six messages, are few beside what others do meanwhile",
    { least: 1 },
  ),
  patience: quantity(
    3500,
    "milliseconds after which a client is told that its transaction was not committed: less than " +
      "the five seconds that Maelstrom's client waits",
    { least: 1 },
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
  readonly "back-off": number;
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
  const { gather, "back-off": backOff, patience, fold, thunks } = options;
  let started: { readonly committer: Committer; readonly dispatcher: Dispatcher } | undefined;
  const known = () => {
    if (started === undefined) throw new Error("nothing can be committed before init");
    return started;
  };
  node.on("init", () => {
    const life = `${node.id}-${newIncarnation(node)}`;
    const database = new Database(node, datatype.apply, life, { thunks, mostInRoot: fold });
    const pace = { gather, backOff, patience };
    const committer = new Committer(node, database, `${life}-own`, pace);
    started = {
      committer,
      dispatcher: new Dispatcher(node, committer, `${life}-handed`, patience),
    };
  });
  serveJobs(node, datatype.write, () => known().committer);
  return (transaction, client) => known().dispatcher.transact(transaction, client);
}
