/**
 * Follows one sequence of reads of a growing set and reports what changed from each to the next.
 *
 * A run has thousands of reads of thousands of elements, but a read differs from the one before it
 * by few. What both begin and end with is skipped at the speed of comparing arrays; only what lies
 * between is looked up. A node that lists its elements in another order each time costs a look-up
 * for each.
 *
 * Invariant: between calls, `#counts` holds how often each element occurs in the last read, and
 * `isPresent` is true of exactly those with a count, bar those forgotten since.
 *
 * @module
 */

import type { Operation } from "../history/mod.ts";
import type { ElementTable } from "./element_table.ts";

/** What changed from one read to the next, as numbers of an {@link ElementTable}. */
export interface ReadChange {
  readonly appeared: readonly number[];
  readonly vanished: readonly number[];
  /** Elements that the new read holds more than once, as far as that is news. */
  readonly repeated: readonly number[];
}

/** An ok read: its invocation, and its completion with the elements. */
export interface Read {
  readonly invocation: Operation;
  readonly completion: Operation;
}

/** Reads whose invocations follow one another, such as those of one process. */
export class ReadChain {
  readonly #table: ElementTable;
  #elements: readonly unknown[] = [];
  #counts = new Uint32Array(64);
  #present = new Uint8Array(64);
  #compareAll = false;
  #last: Read | undefined;

  /** `table` numbers the elements, for all chains alike. */
  constructor(table: ElementTable) {
    this.#table = table;
  }

  /** The latest read; undefined before the first. */
  get last(): Read | undefined {
    return this.#last;
  }

  /** Whether the latest read holds an element. */
  isPresent(element: number): boolean {
    return this.#present[element] === 1;
  }

  /** How often the latest read holds an element. */
  count(element: number): number {
    return this.#counts[element] ?? 0;
  }

  /** Makes the next read that holds an element report it as having appeared. */
  forget(element: number): void {
    if (!this.isPresent(element)) return;
    this.#present[element] = 0;
    this.#compareAll = true;
  }

  /** Goes on to the next read. */
  advance(read: Read, elements: readonly unknown[]): ReadChange {
    const before = this.#elements;
    const [start, tail] = this.#compareAll ? [0, 0] : sharedEnds(before, elements);
    for (let index = start; index < before.length - tail; index++) {
      const element = this.#table.intern(before[index]);
      this.#counts[element] = this.count(element) - 1;
    }
    for (let index = start; index < elements.length - tail; index++) {
      const element = this.#table.intern(elements[index]);
      if (element >= this.#counts.length) this.#grow(element);
      this.#counts[element] = this.count(element) + 1;
    }
    const change = this.#change(before, elements, start, tail);
    this.#elements = elements;
    this.#last = read;
    this.#compareAll = false;
    return change;
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

/** How many items two arrays share at their starts, and at their ends beyond that. */
function sharedEnds(a: readonly unknown[], b: readonly unknown[]): [start: number, tail: number] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let tail = 0;
  while (tail < shorter - start && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return [start, tail];
}
