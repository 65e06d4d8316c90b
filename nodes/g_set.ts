#!/usr/bin/env -S deno run
/**
 * A grow-only set: a client adds elements to one node, and they must eventually be read from all
 * nodes. Needs no permissions.
 *
 * **Idea.** Every node has the whole set, as a log of entries that the nodes gossip. A node
 * acknowledges an addition immediately and sends it to its neighbours within an interval. A read
 * returns what the node has. Neither needs another node, so the set is totally available under
 * partitions.
 *
 * **Why it is right.** Merging is union, which is commutative, associative and idempotent. So nodes
 * that have received the same elements agree, in whatever order and however often they received them
 * (a state-based CRDT: Shapiro et al., "A comprehensive study of convergent and commutative
 * replicated data types", 2011, specification 11). The engine (`lib/replication/engine.ts`) brings
 * every entry to every node.
 *
 * **Cost.** A message per neighbour and interval while there are new elements, and none without. An
 * element that only one node has is lost if that node loses its memory.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { EntryLog, gossip, gossipFlags } from "../lib/replication/mod.ts";

/** Handles `add` and `read`. */
const gSet = defineNode({ flags: gossipFlags, serves: contract.gSet }, (node, flags) => {
  const set = new EntryLog(node);
  const { changed } = gossip(node, set, flags);
  node.exposeState(() => set.values);
  return {
    add: ({ element }) => {
      if (set.add(element, node.monotonic())) changed();
      return {};
    },
    read: () => ({ value: [...set.values] }),
  };
});

export default gSet;
if (import.meta.main) await serve(gSet);
