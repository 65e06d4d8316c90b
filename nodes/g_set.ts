#!/usr/bin/env -S deno run
/**
 * A grow-only set: a delta-state CRDT that every node replicates, see `lib/protocol/crdt/`.
 *
 * A node acknowledges an addition immediately and sends it to its neighbours within an interval. A
 * read returns the elements that the node has. Neither needs another node, so the set is totally
 * available under partitions. Joining is union, so nodes that received the same elements agree.
 *
 * It costs one message per neighbour and interval while there are new elements, and none when there
 * are not. An element that only one node has is lost if that node loses its memory.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { gossipFlags, GrowOnlySet, replicate } from "../lib/protocol/crdt/mod.ts";

/** Handles `add` and `read`. */
const gSet = defineNode({ flags: gossipFlags, serves: contract.gSet }, (node, flags) => {
  const set = replicate(node, flags, new GrowOnlySet());
  node.exposeState(() => set.elements);
  return {
    add: ({ element }) => {
      set.add(element);
      return {};
    },
    read: () => ({ value: [...set.elements] }),
  };
});

export default gSet;
if (import.meta.main) await serve(gSet);
