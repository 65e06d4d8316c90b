/**
 * The batches that some peer may lack, in the order in which a node sends them. It is the log of
 * changes that the replication engine needs; a position is a number of items from the start.
 *
 * An item is for all peers, or for one incarnation of a peer: a batch of a third node. The first items
 * are dropped once all peers have acknowledged them. A position of `end` or more stands for updates
 * that no batch contains yet.
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

/** Whose batches are relayed to a peer, and until when. */
interface Relay {
  readonly writers: readonly number[];
  readonly untilMs: number;
}

/** A node relays to a peer for this long after a request, which is longer than between requests. */
const RELAY_MS = 6000;
/** Not an incarnation: the target of an item that no peer needs any more. */
const NO_TARGET = "-";

/** The items of one node. */
export class Journal {
  readonly #self: number;
  #items: Item[] = [];
  #start = 0;
  /** By incarnation of a peer. */
  readonly #relays = new Map<string, Relay>();

  /** `self` is the index of the node. */
  constructor(self: number) {
    this.#self = self;
  }

  /** The position after the last item. */
  get end(): number {
    return this.#start + this.#items.length;
  }

  /** Adds the next batch of an origin, for those that need it. */
  push(origin: Origin, number: number, atMs: number): void {
    if (origin.writer === this.#self) this.#items.push({ origin, number, atMs });
    // After a snapshot the peer has the batches up to this one, or will need a snapshot, too.
    if (number !== origin.count) return;
    for (const [target, { writers, untilMs }] of this.#relays) {
      if (atMs >= untilMs || !writers.includes(origin.writer)) continue;
      this.#items.push({ origin, number, atMs, target });
    }
  }

  /**
   * Adds, for one incarnation, what its summary lacks and the items for all peers do not contain: of
   * some writers, or of all of them, and what this node has dropped.
   */
  catchUp(
    target: string,
    summary: Json,
    { writers, isComplete }: { readonly writers: readonly number[]; readonly isComplete: boolean },
    origins: readonly Origin[],
    atMs: number,
  ): void {
    for (const item of this.#items) if (item.target === target) item.target = NO_TARGET;
    const others = writers.filter((writer) => writer !== this.#self);
    const relay = this.#relays.get(target);
    if (others.length > 1) this.#relays.set(target, { writers: others, untilMs: atMs + RELAY_MS });
    else if (relay !== undefined && atMs < relay.untilMs) others.push(...relay.writers);
    for (const origin of origins) {
      const isOwn = origin.writer === this.#self;
      const isNeeded = isOwn || isComplete || others.includes(origin.writer);
      if (origin.name.endsWith(`.${target}`) || !isNeeded) continue;
      let number = countIn(summary, origin);
      if (number < origin.dropped) {
        this.#items.push({ origin, number: origin.dropped - 1, atMs, target });
        number = origin.dropped;
      }
      for (; !isOwn && number < origin.count; number++) {
        this.#items.push({ origin, number, atMs, target });
      }
    }
  }

  /** Drops the items before a position; returns those that were for all peers. */
  drop(position: number): Item[] {
    const items = this.#items.splice(0, Math.max(0, position - this.#start));
    this.#start += items.length;
    return items.filter(({ target }) => target === undefined);
  }

  /** Returns the items from a position on that a receiver needs. */
  since(position: number, receiver: Receiver): Item[] {
    const items = this.#items.slice(Math.max(0, position - this.#start));
    return items.filter((item) => isFor(item, receiver));
  }

  /** Returns the first position from `from` on with an item that a receiver needs, or `end`. */
  firstFor(from: number, receiver: Receiver): number {
    let position = Math.max(from, this.#start);
    while (position < this.end && !isFor(this.#at(position), receiver)) position++;
    return position;
  }

  /** Returns the first position with an item for all peers that a summary lacks, or `end`. */
  firstBeyond(summary: Json): number {
    const index = this.#items.findIndex(({ origin, number, target }) =>
      target === undefined && number >= countIn(summary, origin)
    );
    return index < 0 ? this.end : this.#start + index;
  }

  /** Returns when an item was added. */
  addedAt(position: number): number {
    return this.#at(position).atMs;
  }

  #at(position: number): Item {
    return this.#items[position - this.#start] as Item;
  }
}

function isFor({ origin, number, target }: Item, { source, summary }: Receiver): boolean {
  if (number >= origin.limit) return false;
  return target === undefined ? number >= countIn(summary, origin) : target === source;
}
