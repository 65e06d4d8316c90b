/**
 * One key's log in the strategy `lamport`: its entries, and the offset up to which it is complete.
 *
 * An offset is counter × number of nodes + index of the writer, so no two writers assign the same one.
 * `watermarks[w]` is a counter: writer w will never again assign a counter at or below it, and this
 * node has all entries that w assigned up to it. Up to the lowest of these, the low watermark, the log
 * is complete: the stable prefix.
 *
 * Invariants: the low watermark never decreases. An entry becomes stable in order of offset, and no
 * entry is inserted below the low watermark.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Json } from "../../node/mod.ts";
import { type Entry, EntryLog } from "./entry_log.ts";

/** The counter before the first one. */
const NONE = -1;

/** A key's Lamport clock, its entries, and the watermark of each writer. */
export class LamportKey {
  /** The stable prefix: the entries that polls may return. */
  readonly stable: EntryLog;
  #counter = NONE;
  readonly #watermarks: number[];
  #lowWatermark = NONE;
  /** The entries above the low watermark, unordered. */
  #unstable: Entry[] = [];

  /** `count` is the number of nodes; `maxEntries` limits the stable entries that are kept. */
  constructor(count: number, maxEntries: number) {
    this.stable = new EntryLog(maxEntries);
    this.#watermarks = new Array<number>(count).fill(NONE);
  }

  /** The Lamport clock: the highest counter that this node has assigned or received; −1 before. */
  get counter(): number {
    return this.#counter;
  }

  /** The watermark of each writer. */
  get watermarks(): readonly number[] {
    return this.#watermarks;
  }

  /** Assigns the next counter. It is higher than all counters that this node has received. */
  next(): number {
    return ++this.#counter;
  }

  /** Raises the clock to a received counter. Returns whether it was lower. */
  observe(counter: number): boolean {
    if (counter <= this.#counter) return false;
    this.#counter = counter;
    return true;
  }

  /** Inserts a writer's entry. Ignores one at or below the writer's watermark: it is here already. */
  insert(writer: number, counter: number, message: Json): void {
    if (counter <= this.#watermarkOf(writer)) return;
    invariant(counter > this.#lowWatermark, "no entry is inserted below the low watermark");
    this.#unstable.push([counter * this.#watermarks.length + writer, message]);
  }

  /** Raises a writer's watermark. All entries up to it must have been inserted before. */
  raiseWatermark(writer: number, counter: number): void {
    if (counter <= this.#watermarkOf(writer)) return;
    this.#watermarks[writer] = counter;
    this.#extendStable();
  }

  /** Returns all entries: the stable ones, then the others by offset. */
  entries(): Entry[] {
    return [...this.stable.read(0, Infinity), ...this.#unstable.sort(byOffset)];
  }

  #extendStable(): void {
    const lowest = this.#lowest();
    invariant(lowest >= this.#lowWatermark, "the low watermark never decreases");
    if (lowest === this.#lowWatermark) return;
    this.#lowWatermark = lowest;
    const endOffset = (lowest + 1) * this.#watermarks.length;
    if (this.#unstable.length === 1) {
      // The usual case on a cluster of one node, where each send ends here.
      const [offset, message] = this.#unstable[0] as Entry;
      if (offset < endOffset) {
        this.stable.append(offset, message);
        this.#unstable.pop();
      }
      return;
    }
    const complete = this.#unstable.filter(([offset]) => offset < endOffset).sort(byOffset);
    if (complete.length === 0) return;
    this.#unstable = this.#unstable.filter(([offset]) => offset >= endOffset);
    for (const [offset, message] of complete) this.stable.append(offset, message);
  }

  #lowest(): number {
    let lowest = Infinity;
    for (const watermark of this.#watermarks) if (watermark < lowest) lowest = watermark;
    return lowest;
  }

  #watermarkOf(writer: number): number {
    return this.#watermarks[writer] as number;
  }
}

function byOffset([first]: Entry, [second]: Entry): number {
  return first - second;
}
