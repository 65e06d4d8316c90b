#!/usr/bin/env -S deno run --allow-read=storage --allow-write=storage
/**
 * Transactions that read lists and append to them, strictly serializable.
 *
 * Strategy `root`, the default: one value in the service lin-kv stands for the whole database, and each batch of
 * transactions replaces it by compare-and-set. `lib/protocol/txn/root/` explains why that is right.
 * It costs about two messages between servers a transaction with one client a node, and fewer with
 * more clients; `docs/MEASUREMENTS.md` has the figures.
 *
 * Strategy `raft`: the nodes replicate a log of transactions on their disks, and need no service.
 * `lib/protocol/txn/raft.ts` explains it.
 *
 * @module
 */
import { flag, serve, withFlags } from "../lib/node/mod.ts";
import {
  commitByRoot,
  type Datatype,
  rootFlags,
  serveTransactions,
  type Transact,
  transactByRaft,
} from "../lib/protocol/txn/mod.ts";

const flags = {
  strategy: flag.oneOf(["root", "raft"], { help: "root or raft", default: "root" }),
  ...rootFlags,
  "compact-after": {
    ...rootFlags["compact-after"],
    help: "writes or log entries before compaction",
  },
};

const lists: Datatype = {
  write: "append",
  apply: (list, element) => Array.isArray(list) ? [...list, element] : [element],
};

/** Serves `txn` requests of `["r", key, null]` and `["append", key, element]`. */
const txnListAppend = withFlags(
  { flags, persists: ({ strategy }) => strategy === "raft" },
  (node, flags) => {
    const serve = (transact: Transact) => serveTransactions(node, lists.write, transact);
    return flags.strategy === "raft"
      ? transactByRaft(node, lists, flags["compact-after"]).then(serve)
      : serve(commitByRoot(node, lists, flags));
  },
);

export default txnListAppend;
if (import.meta.main) await serve(txnListAppend);
