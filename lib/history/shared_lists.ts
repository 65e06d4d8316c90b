/**
 * Lists that share their elements. The reads of a growing set repeat one another: all reads of a
 * long run together do not fit into memory, but each is an earlier one and a few elements more.
 *
 * A list is kept as the first elements of a *base*, which later lists extend, and a tail of its own.
 * Lists that do not continue one of the recent bases start a new one, so lists in random order are
 * kept whole.
 *
 * @module
 */

/** The elements that lists share. Only appended to. */
export interface SharedBase {
  readonly elements: unknown[];
}

/** A list: the first `length` elements of a base, then those of `tail`. */
export interface SharedList {
  readonly base: SharedBase;
  readonly length: number;
  readonly tail: readonly unknown[];
}

/** The lists shorter than this are not worth sharing. */
export const MIN_SHARED_ELEMENTS = 64;
/** The maximum number of bases that new lists are compared with: more than a run has nodes. */
const MAX_RECENT_BASES = 32;
/** A list with a longer tail starts a new base; relative to the square root of its length. */
const MAX_RELATIVE_TAIL = 4;

/** The elements at the beginning that a list has in common with a base. */
interface Match {
  readonly base: SharedBase | undefined;
  readonly common: number;
}

/** Finds what lists share with recent ones. */
export class SharedLists {
  /** The most recently used first. */
  readonly #recent: SharedBase[] = [];
  /** The base of each origin's last list. */
  readonly #last = new Map<unknown, SharedBase>();

  /**
   * Shares a list; undefined for a short list, and for one whose first or last element is an object.
   * The lists of one origin, such as a client, probably continue each other.
   */
  share(list: readonly unknown[], origin: unknown): SharedList | undefined {
    if (list.length < MIN_SHARED_ELEMENTS || isObject(list[0]) || isObject(list.at(-1))) {
      return undefined;
    }
    const shared = this.#continue(list, continuation(this.#last.get(origin), list));
    this.#last.set(origin, shared.base);
    return shared;
  }

  #continue(list: readonly unknown[], match = this.#longestMatch(list)): SharedList {
    const { base, common } = match;
    const isExtension = common === base?.elements.length;
    const maxTail = isExtension ? Infinity : MAX_RELATIVE_TAIL * Math.sqrt(list.length);
    if (base === undefined || list.length - common > maxTail) return this.#start(list);
    this.#touch(base);
    return continued(base, common, list.slice(common));
  }

  #longestMatch(list: readonly unknown[]): Match {
    let best: SharedBase | undefined;
    let most = 0;
    for (const base of this.#recent) {
      const common = commonPrefix(base.elements, list);
      if (common <= most) continue;
      best = base;
      most = common;
      if (common === list.length) break;
    }
    return { base: best, common: most };
  }

  #start(list: readonly unknown[]): SharedList {
    const base = { elements: list.slice() };
    this.#recent.unshift(base);
    if (this.#recent.length > MAX_RECENT_BASES) this.#recent.pop();
    return { base, length: list.length, tail: [] };
  }

  #touch(base: SharedBase): void {
    const index = this.#recent.indexOf(base);
    if (index <= 0) return;
    this.#recent.splice(index, 1);
    this.#recent.unshift(base);
  }
}

/** Returns the elements of a shared list as a new array. */
export function elementsOf(list: SharedList): unknown[] {
  return elementsFrom(list, 0);
}

/** Returns the elements from a position on, which is at most `length`, as a new array. */
export function elementsFrom({ base, length, tail }: SharedList, position: number): unknown[] {
  const elements = base.elements.slice(position, length);
  for (const element of tail) elements.push(element);
  return elements;
}

/**
 * Returns a list that has the first elements of a base, followed by `more`. If the base has only these
 * first elements, `more` is appended to it.
 */
export function continued(base: SharedBase, first: number, more: readonly unknown[]): SharedList {
  const { elements } = base;
  if (first === elements.length) {
    for (const element of more) elements.push(element);
  }
  const isPart = first + more.length <= elements.length &&
    more.every((element, index) => elements[first + index] === element);
  return isPart
    ? { base, length: first + more.length, tail: [] }
    : { base, length: first, tail: more };
}

/** Returns the match of a base and a list one of which begins the other; undefined otherwise. */
function continuation(base: SharedBase | undefined, list: readonly unknown[]): Match | undefined {
  if (base === undefined) return undefined;
  const common = commonPrefix(base.elements, list);
  return common === Math.min(base.elements.length, list.length) ? { base, common } : undefined;
}

function commonPrefix(a: readonly unknown[], b: readonly unknown[]): number {
  const shorter = Math.min(a.length, b.length);
  let common = 0;
  while (common < shorter && a[common] === b[common]) common++;
  return common;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
