/**
 * Computes the difference between successive reads of a set.
 *
 * A run has thousands of reads of thousands of elements, but successive reads differ in few
 * elements. If both lists are the beginning of one shared list, only the elements that the second
 * has in addition are looked at. Otherwise, the common prefix and the common suffix of two reads
 * are skipped by comparing arrays, and only the rest is looked up. If a node returns its elements
 * in a different order each time, every element is looked up.
 *
 * Invariant: between calls, `#counts` holds the number of occurrences of each element in the last
 * read. `isPresent` is true for the elements with a count above 0, except those forgotten since.
 *
 * @module
 */

import { elementsOf, type Operation, type SharedList } from "../history/mod.ts";
import type { ElementTable } from "./element_table.ts";

/** The difference between two successive reads, as numbers of an {@link ElementTable}. */
export interface ReadChange {
  readonly appeared: readonly number[];
  readonly vanished: readonly number[];
  /** Elements that occur more than once in the new read, among those that were looked up. */
  readonly repeated: readonly number[];
}

/** The elements of a read. */
export type ReadElements = readonly unknown[] | SharedList;

/** An ok read. Its completion holds the elements. */
export interface Read {
  readonly invocation: Operation;
  readonly completion: Operation;
}

/**
 * A chain of reads: each is invoked after the one before it, as are the reads of one process.
 */
export class ReadChain {
  readonly #table: ElementTable;
  #elements: ReadElements = [];
  #counts = new Uint32Array(64);
  #present = new Uint8Array(64);
  #compareAll = false;
  #last: Read | undefined;

  /** All chains of a history share the `table` that numbers the elements. */
  constructor(table: ElementTable) {
    this.#table = table;
  }

  /** The last read; undefined before the first. */
  get last(): Read | undefined {
    return this.#last;
  }

  /** Whether the last read contains an element. */
  isPresent(element: number): boolean {
    return this.#present[element] === 1;
  }

  /** Returns the number of occurrences of an element in the last read. */
  count(element: number): number {
    return this.#counts[element] ?? 0;
  }

  /** Forgets an element: the next read that contains it reports it as appeared. */
  forget(element: number): void {
    if (!this.isPresent(element)) return;
    this.#present[element] = 0;
    this.#compareAll = true;
  }

  /** Appends a read and returns its difference from the last one. */
  advance(read: Read, elements: ReadElements): ReadChange {
    const added = this.#compareAll ? undefined : extension(this.#elements, elements);
    const change = added === undefined
      ? this.#compare(asArray(this.#elements), asArray(elements))
      : this.#compare([], added);
    this.#elements = elements;
    this.#last = read;
    this.#compareAll = false;
    return change;
  }

  #compare(before: readonly unknown[], elements: readonly unknown[]): ReadChange {
    const [start, tail] = this.#compareAll ? [0, 0] : commonEnds(before, elements);
    for (let index = start; index < before.length - tail; index++) {
      const element = this.#table.intern(before[index]);
      this.#counts[element] = this.count(element) - 1;
    }
    for (let index = start; index < elements.length - tail; index++) {
      const element = this.#table.intern(elements[index]);
      if (element >= this.#counts.length) this.#grow(element);
      this.#counts[element] = this.count(element) + 1;
    }
    return this.#change(before, elements, start, tail);
  }

  #change(
    before: readonly unknown[],
    after: readonly unknown[],
    start: number,
    tail: number,
  ): ReadChange {
    const appeared: number[] = [];
    const vanished: number[] = [];
    const repeated: number[] = [];
    for (let index = start; index < before.length - tail; index++) {
      const element = this.#table.intern(before[index]);
      if (this.#present[element] === 0 || this.#counts[element] !== 0) continue;
      this.#present[element] = 0;
      vanished.push(element);
    }
    for (let index = start; index < after.length - tail; index++) {
      const element = this.#table.intern(after[index]);
      if ((this.#counts[element] as number) > 1) repeated.push(element);
      if (this.#present[element] === 1) continue;
      this.#present[element] = 1;
      appeared.push(element);
    }
    return { appeared, vanished, repeated };
  }

  #grow(element: number): void {
    const size = Math.max(2 * this.#counts.length, element + 1);
    const counts = new Uint32Array(size);
    const present = new Uint8Array(size);
    counts.set(this.#counts);
    present.set(this.#present);
    this.#counts = counts;
    this.#present = present;
  }
}

function asArray(elements: ReadElements): readonly unknown[] {
  return "base" in elements ? elementsOf(elements) : elements;
}

/** Returns the elements after those of an earlier list; undefined if it is not its beginning. */
function extension(before: ReadElements, after: ReadElements): readonly unknown[] | undefined {
  if (!("base" in before && "base" in after) || before.base !== after.base) return undefined;
  if (before.tail.length > 0 || before.length > after.length) return undefined;
  return [...after.base.elements.slice(before.length, after.length), ...after.tail];
}

/** Returns the lengths of two arrays' common prefix and, after it, of their common suffix. */
function commonEnds(a: readonly unknown[], b: readonly unknown[]): [start: number, tail: number] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let tail = 0;
  while (tail < shorter - start && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return [start, tail];
}
