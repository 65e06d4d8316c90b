#!/usr/bin/env -S deno run
/**
 * Transactions that read lists and append to them, strictly serializable.
 *
 * Strategy `root`: one value in the service lin-kv stands for the whole database, and each batch of
 * transactions replaces it by compare-and-set. `lib/protocol/txn/root/` explains why that is right.
 * It costs about two messages between servers a transaction with one client a node, and fewer with
 * more clients; `docs/MEASUREMENTS.md` has the figures.
 *
 * @module
 */
import { flag, serve, withFlags } from "../lib/node/mod.ts";
import {
  commitByRoot,
  type Datatype,
  rootFlags,
  serveTransactions,
} from "../lib/protocol/txn/mod.ts";

const flags = {
  strategy: flag.oneOf(["root"], { help: "root", default: "root" }),
  ...rootFlags,
};

const lists: Datatype = {
  write: "append",
  apply: (list, element) => Array.isArray(list) ? [...list, element] : [element],
};

/** Serves `txn` requests of `["r", key, null]` and `["append", key, element]`. */
const txnListAppend = withFlags({ flags }, (node, flags) => {
  serveTransactions(node, lists.write, commitByRoot(node, lists, flags));
});

export default txnListAppend;
if (import.meta.main) await serve(txnListAppend);
