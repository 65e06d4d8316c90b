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
import { type Node, schema, serve } from "../lib/node/mod.ts";
import { gossipFlags, GrowOnlySet, replicate } from "../lib/protocol/crdt/mod.ts";

/** Answers `add` and `read`. */
export default function gSet(node: Node) {
  const set = replicate(node, node.flags(gossipFlags), () => new GrowOnlySet());
  node.on("add", { element: schema.json }, ({ element }) => {
    set().add(element);
    return { type: "add_ok" };
  });
  node.on("read", () => ({ type: "read_ok", value: [...set().elements] }));
}

if (import.meta.main) await serve(gSet);
