/**
 * The batches that some peer may lack, in the order in which a node sends them. It is the log of
 * changes that the replication engine needs; a position is a number of items from the start.
 *
 * An item is for all peers, or for one incarnation of a peer: a batch of a third node. A position of
 * `end` or more stands for updates that no batch contains yet.
 *
 * @module
 */

import type { Json } from "../../base/mod.ts";
import type { Receiver } from "../../replication/mod.ts";
import { countIn, type Origin } from "./origins.ts";

/** A batch that peers may lack. */
export interface Item {
  readonly origin: Origin;
  readonly number: number;
  readonly atMs: number;
  /** The incarnation that it is for; undefined for all peers. */
  target?: string;
}

/** A node relays to a peer for this long after a request, which is longer than between requests. */
const RELAY_MS = 6000;
/** Not an incarnation: the target of an item that no peer needs any more. */
const NO_TARGET = "-";

/** The items of one node. */
export class Journal {
  readonly #self: number;
  readonly #items: Item[] = [];
  /** By incarnation of a peer, until when third nodes' new batches are relayed to it. */
  readonly #relays = new Map<string, number>();

  /** `self` is the index of the node. */
  constructor(self: number) {
    this.#self = self;
  }

  /** The position after the last item. */
  get end(): number {
    return this.#items.length;
  }

  /** Adds the next batch of an origin, for those that need it. */
  push(origin: Origin, number: number, atMs: number): void {
    if (origin.writer === this.#self) return void this.#items.push({ origin, number, atMs });
    for (const [target, untilMs] of this.#relays) {
      if (atMs >= untilMs || origin.name.endsWith(`.${target}`)) continue;
      this.#items.push({ origin, number, atMs, target });
    }
  }

  /**
   * Adds, for one incarnation, what its summary lacks and the items for all peers do not contain: the
   * batches of its node's past, and if it has to be complete, those of all nodes.
   */
  catchUp(
    target: string,
    summary: Json,
    { node, isComplete }: { readonly node: number; readonly isComplete: boolean },
    origins: readonly Origin[],
    atMs: number,
  ): void {
    for (const item of this.#items) if (item.target === target) item.target = NO_TARGET;
    if (isComplete) this.#relays.set(target, atMs + RELAY_MS);
    const isRelayed = atMs < (this.#relays.get(target) ?? 0);
    for (const origin of origins) {
      if (origin.writer === this.#self || origin.name.endsWith(`.${target}`)) continue;
      if (origin.writer !== node && !isRelayed) continue;
      for (let number = countIn(summary, origin); number < origin.count; number++) {
        this.#items.push({ origin, number, atMs, target });
      }
    }
  }

  /** Returns the items from a position on that a receiver needs. */
  since(position: number, receiver: Receiver): Item[] {
    return this.#items.slice(position).filter((item) => isFor(item, receiver));
  }

  /** Returns the first position from `from` on with an item that a receiver needs, or `end`. */
  firstFor(from: number, receiver: Receiver): number {
    let position = from;
    while (position < this.end && !isFor(this.#at(position), receiver)) position++;
    return position;
  }

  /** Returns when an item was added. */
  addedAt(position: number): number {
    return this.#at(position).atMs;
  }

  #at(position: number): Item {
    return this.#items[position] as Item;
  }
}

function isFor({ origin, number, target }: Item, { source, summary }: Receiver): boolean {
  if (number >= origin.limit) return false;
  return target === undefined ? number >= countIn(summary, origin) : target === source;
}
