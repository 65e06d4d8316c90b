/**
 * A binary heap, used as a priority queue for messages in flight and for timers.
 *
 * @module
 */

/** An item that is due at a time. Items with the same time are ordered by their sequence numbers. */
export interface Due {
  readonly dueMs: number;
  readonly sequence: number;
}

/**
 * Whether an item is due before another. The heaps of a simulation share this function: the engine
 * inlines a comparison only where all heaps of the process use the same one.
 */
export function isDueBefore(a: Due, b: Due): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence);
}

/** A priority queue. `pop` removes the item that comes before all others. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** Orders the items by `before(a, b)`, which must be a strict total order. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** The number of items. */
  get size(): number {
    return this.#items.length;
  }

  /** Returns the first item without removing it; undefined when the heap is empty. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds an item in O(log n). */
  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (!this.#before(item, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  /** Removes and returns the first item in O(log n); undefined when the heap is empty. */
  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    this.#sink(last);
    return first;
  }

  /** Removes all items. */
  clear(): void {
    this.#items.length = 0;
  }

  /** Replaces the root by the item and moves the item down to its position. */
  #sink(item: T): void {
    const items = this.#items;
    const half = items.length >> 1;
    let index = 0;
    while (index < half) {
      let child = 2 * index + 1;
      const right = child + 1;
      if (right < items.length && this.#before(items[right] as T, items[child] as T)) child = right;
      const below = items[child] as T;
      if (!this.#before(below, item)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
  }
}
