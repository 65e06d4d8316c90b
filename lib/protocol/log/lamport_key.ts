/**
 * One key's log in the strategy `lamport`: entries by offset, and up to where they are complete.
 *
 * Offset = counter × number of nodes + index of the node that gave it, so no two nodes give the
 * same one. `promises[w]` is the counter below or at which writer w will never give an offset
 * again, with all that it gave up to there known here. Up to the lowest promise, the log is
 * complete for ever.
 *
 * Invariant: entries are shown in the order of offsets, and only when no writer can add one before.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import { type Entry, EntryLog } from "./entry_log.ts";

/** No counter has been given yet. */
const NONE = -1;

/** A key's log, with what each writer has promised. */
export class LamportKey {
  /** What polls may show. */
  readonly shown: EntryLog;
  /** The highest counter that this node has given or heard of. */
  #counter = NONE;
  readonly #promises: number[];
  #lowestPromise = NONE;
  /** Above the lowest promise, in no particular order. */
  #waiting: Entry[] = [];

  /** `count` is the number of nodes; `most` of the shown entries are kept. */
  constructor(count: number, most: number) {
    this.shown = new EntryLog(most);
    this.#promises = new Array<number>(count).fill(NONE);
  }

  /** The highest counter that this node has given or heard of; −1 before the first. */
  get counter(): number {
    return this.#counter;
  }

  /** What each writer has promised. */
  get promises(): readonly number[] {
    return this.#promises;
  }

  /** Gives the next counter, higher than all that were heard of. */
  next(): number {
    return ++this.#counter;
  }

  /** Makes the counter at least this; returns whether it was lower. */
  advance(counter: number): boolean {
    if (counter <= this.#counter) return false;
    this.#counter = counter;
    return true;
  }

  /** Takes an entry that a writer gave, unless it is one of those that it has promised already. */
  take(writer: number, counter: number, message: Json): void {
    if (counter <= this.#promiseOf(writer)) return;
    this.#waiting.push([counter * this.#promises.length + writer, message]);
  }

  /** Takes a writer's promise, after all the entries that it covers. */
  promise(writer: number, counter: number): void {
    if (counter <= this.#promiseOf(writer)) return;
    this.#promises[writer] = counter;
    this.#show();
  }

  /** All entries: those that are shown, then the others by offset. */
  entries(): Entry[] {
    return [...this.shown.from(0, Infinity), ...this.#waiting.sort(byOffset)];
  }

  #show(): void {
    const lowest = this.#lowest();
    if (lowest === this.#lowestPromise) return;
    this.#lowestPromise = lowest;
    const end = (lowest + 1) * this.#promises.length;
    if (this.#waiting.length === 1) {
      // A node alone comes here with each send.
      const [offset, message] = this.#waiting[0] as Entry;
      if (offset < end) {
        this.shown.append(offset, message);
        this.#waiting.pop();
      }
      return;
    }
    const complete = this.#waiting.filter(([offset]) => offset < end).sort(byOffset);
    if (complete.length === 0) return;
    this.#waiting = this.#waiting.filter(([offset]) => offset >= end);
    for (const [offset, message] of complete) this.shown.append(offset, message);
  }

  #lowest(): number {
    let lowest = Infinity;
    for (const promise of this.#promises) if (promise < lowest) lowest = promise;
    return lowest;
  }

  #promiseOf(writer: number): number {
    return this.#promises[writer] as number;
  }
}

function byOffset([first]: Entry, [second]: Entry): number {
  return first - second;
}
