#!/usr/bin/env -S deno run
/**
 * A grow-only set, replicated to every node as a state-based CRDT with deltas.
 *
 * An addition is acknowledged at once and told to the neighbours within an interval; a read answers
 * with what this node knows. Both need no other node, so the set is available under any partition,
 * and since joining sets is union, nodes that have heard the same agree. It costs a message per
 * neighbour and interval while there is news, none when there is not. An element that only one node
 * knows of is lost if that node loses its memory within the interval.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { gossipFlags, GrowOnlySet, replicate } from "../lib/protocol/crdt/mod.ts";

/** Answers `add` and `read`. */
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
