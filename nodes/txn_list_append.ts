#!/usr/bin/env -S deno run
/**
 * Transactions that read lists and append to them, strictly serializable.
 *
 * Strategy `root`: one value in the service lin-kv stands for the whole database, and each group of
 * transactions replaces it by compare-and-set; see `lib/protocol/txn/root/` for why that is right
 * and what it costs (less than two messages a transaction with one client a node, fewer with more).
 *
 * @module
 */
import { choice, type Node, serve } from "../lib/node/mod.ts";
import {
  commitByRoot,
  type Datatype,
  rootFlags,
  serveTransactions,
} from "../lib/protocol/txn/mod.ts";

const flags = {
  strategy: choice(["root"], "how transactions are put in one order"),
  ...rootFlags,
};

const lists: Datatype = {
  write: "append",
  apply: (list, element) => Array.isArray(list) ? [...list, element] : [element],
};

/** Answers `txn` requests of `["r", key, null]` and `["append", key, element]`. */
export default function txnListAppend(node: Node) {
  const { strategy: _, ...options } = node.flags(flags);
  serveTransactions(node, lists.write, commitByRoot(node, lists, options));
}

if (import.meta.main) await serve(txnListAppend);
