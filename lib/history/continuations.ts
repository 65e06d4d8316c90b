/**
 * Long lists in files of lines: a list that begins as the list of an earlier line need not be written
 * whole.
 *
 * @module
 */

import type { SharedBase, SharedList } from "./shared_lists.ts";

/** The beginning of a list: the `first` elements of the list in the line with the number `of`. */
export interface Beginning {
  readonly first: number;
  readonly of: number;
}

/** Finds which earlier line of one file a list continues. */
export class Continuations {
  /** The line that last extended a base, and how many elements of the base its list has. */
  readonly #holders = new WeakMap<SharedBase, { readonly of: number; readonly length: number }>();

  /**
   * Adds the list of a line. Returns the part of it that an earlier line has; undefined if there is
   * none, so that this line must have the list whole.
   */
  add(line: number, { base, length }: SharedList): Beginning | undefined {
    const holder = this.#holders.get(base);
    if (holder === undefined || length > holder.length) {
      this.#holders.set(base, { of: line, length });
    }
    return holder && { first: Math.min(length, holder.length), of: holder.of };
  }
}
