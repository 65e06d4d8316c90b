/**
 * Strategy `crdt`: no store. Each node counts its own additions, and nodes exchange their totals by
 * anti-entropy once per interval.
 *
 * **Correctness.** Totals only grow, and joining takes the higher one. Messages may therefore be
 * lost, duplicated and reordered. A read returns what has arrived; once additions cease and the
 * network is healthy, every node has every total.
 *
 * **Availability.** Additions and reads need no other node, so they are totally available under
 * partitions. A node that loses its memory before it sent an addition loses that addition.
 *
 * @module
 */

import type { FlagValues, Node } from "../../node/mod.ts";
import { type gossipFlags, PnCounter, replicate } from "../crdt/mod.ts";
import type { Counter } from "./counter.ts";

/** Starts the counter on a node. */
export function crdtCounter(node: Node, pace: FlagValues<typeof gossipFlags>): Counter {
  const state = replicate(node, pace, new PnCounter(`${node.id}/${node.incarnation}`));
  return {
    add: (delta) => state.add(delta),
    read: () => state.value,
  };
}
