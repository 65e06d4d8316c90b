/**
 * Strict serializability on Maelstrom's stores: one root in lin-kv that every commit replaces, after
 * the Datomic chapter of Maelstrom's documentation.
 *
 * - {@link Database}: the root, the thunks it names, and what this node knows of them;
 * - {@link Committer}: many transactions share one compare-and-set;
 * - {@link Dispatcher}: nodes hand their transactions to one of them, as long as they can.
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
