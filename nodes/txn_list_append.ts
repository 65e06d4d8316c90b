#!/usr/bin/env -S deno run
/**
 * Transactions that read lists and append to them, strictly serializable.
 *
 * Strategy `root`: one value in the service lin-kv stands for the whole database, and each group of
 * transactions replaces it by compare-and-set; see `lib/protocol/txn/root/` for why that is right
 * and what it costs. With one client a node, whole links and rate 100 that is 1.80 to 1.98 messages a
 * transaction on two to five nodes, and more on more (2.02 on seven, 2.31 on twenty-five) or where
 * they come one by one (about 2.4 at rate 10 on two); with partitions 1.91 on the average on two nodes, up
 * to 2.10. More clients a node make it less.
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

/** Answers `txn` requests of `["r", key, null]` and `["append", key, element]`. */
const txnListAppend = withFlags({ flags }, (node, flags) => {
  serveTransactions(node, lists.write, commitByRoot(node, lists, flags));
});

export default txnListAppend;
if (import.meta.main) await serve(txnListAppend);
