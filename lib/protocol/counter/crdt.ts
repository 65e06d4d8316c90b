/**
 * Strategy `crdt`: no store at all. Each node counts its own additions, and nodes tell each other
 * their totals once an interval.
 *
 * Why it is right: totals only grow and joining takes the higher one, so messages may be lost, come
 * twice or in any order. Additions and reads need nobody and are available under any partition; a
 * read shows what has arrived. Once the additions cease and links are whole, every node knows every
 * total. An addition is lost if its node loses its memory before it told anyone.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { PnCounter, replicate } from "../crdt/mod.ts";
import type { Counter } from "./counter.ts";

/** Wires the counter. */
export function crdtCounter(
  node: Node,
  pace: { readonly interval: number; readonly retry: number },
): Counter {
  const state = replicate(node, pace, new PnCounter(`${node.id}/${node.incarnation}`));
  return {
    add: (delta) => state.add(delta),
    read: () => state.value,
  };
}
