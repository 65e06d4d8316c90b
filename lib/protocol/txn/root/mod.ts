/**
 * Strategies `root` (lists) and `lin-kv` (registers): strict serializability on Maelstrom's stores,
 * after the Datomic chapter of Maelstrom's documentation.
 *
 * One value in lin-kv, the root, stands for the whole database. Each commit replaces it by
 * compare-and-set. There are three parts:
 *
 * - {@link Log}: all writes in order, in the root and in the thunks that it names, and this node's
 *   copy. The root has the latest writes, so that a commit takes one request to the store.
 * - {@link Forwarder}: each node puts its clients' transactions into one batch after another, and
 *   forwards it to one coordinator while it can reach it, so that the root has one writer, whose
 *   copy is current.
 * - {@link Committer}: group commit. All pending batches share one compare-and-set. A read-only
 *   batch needs none if a {@link ReadQuorum} confirms that the node's log is current.
 *
 * Why it is right: a successful compare-and-set proves that no node has committed since the state
 * on which the transactions ran. So they take effect at that instant, in order, between request and
 * reply. That depends on lin-kv only: on no clock, no leader and no other node. Reads that a quorum
 * confirms are as current, for the reason given there. A client gets a definite error (30) only if
 * its transaction never was in a batch; otherwise the error is indefinite (0). The strategy allows
 * no anomaly.
 *
 * Cost, in messages between servers: n nodes need 2 (n − 1) messages between each other and 2 to
 * the store for a commit. With c closed-loop clients a node, that is 2 ÷ c messages a transaction;
 * less with read-only batches that a quorum confirms. Partitioned nodes commit for themselves. With
 * one client a node, two messages a transaction are then the minimum, since each transaction takes
 * a request to the store and a reply. Each compare-and-set carries the root twice.
 *
 * Latency: a round trip to lin-kv, one to the coordinator, and the time to gather a node's clients
 * and the nodes' batches, each `--linger` at most, or a round trip if that is longer. In a partition
 * a transaction may wait for `--backoff` while the other side commits.
 *
 * It survives partitions of every shape, since the stores are never partitioned, and the restart of
 * all nodes, since every acknowledged commit is in the store. It does not survive the loss of
 * lin-kv. Each restart of a node adds the name of its session to the root permanently.
 *
 * @module
 */

import { flag, type FlagValues, type Node } from "../../../node/mod.ts";
import type { ApplyWrite, Transact, WriteName } from "../transaction.ts";
import { Committer } from "./commit.ts";
import { Forwarder } from "./forward.ts";
import { Log } from "./log.ts";

/** The flags of a node that commits by a root. */
export const rootFlags = {
  linger: flag.number({
    placeholder: "MS",
    help: "batch transactions for",
    default: 50,
  }),
  backoff: flag.number({
    placeholder: "MS",
    help: "back off when another node commits first",
    default: 500,
    min: 1,
  }),
  "compact-after": flag.number({
    placeholder: "N",
    help: "writes in the root before compaction",
    default: 128,
    min: 1,
    integer: true,
  }),
};

/** The values of {@link rootFlags}. */
export type RootOptions = FlagValues<typeof rootFlags>;

/** The data type of all keys: the name of its writes, and their effect on a value. */
export interface Datatype {
  readonly write: WriteName;
  readonly apply: ApplyWrite;
}

/** Connects a node to a root, and returns the function that commits its clients' transactions. */
export function commitByRoot(node: Node, datatype: Datatype, options: RootOptions): Transact {
  // The root holds the names of all sessions, so they are short.
  const session = `${node.id}-${node.incarnation}`;
  const compactAfter = options["compact-after"];
  const log = new Log(node, { apply: datatype.apply, incarnation: session, compactAfter });
  const pace = { lingerMs: options.linger, backoffMs: options.backoff };
  const committer = new Committer(node, log, pace);
  const forwarder = new Forwarder(node, committer, session, datatype.write);
  return (transaction, request) => forwarder.transact(transaction, request);
}
