/**
 * The version order of each list. Lists are traceable, as Elle calls it: a read returns every
 * append that led to the version, in order. So the longest read of a list gives its version order,
 * and every other read must be a prefix of the longest read.
 *
 * Invariant: two reads of a key that are prefixes of its longest read are equal exactly if their
 * lengths are equal.
 *
 * @module
 */

import type { ListElements } from "./list_elements.ts";
import { ABORTED, COMMITTED, equalityKey, type Transactions } from "./transactions.ts";
import { listHash, trieOrder } from "./trie_order.ts";

/** The version orders that were inferred from the reads. */
export interface ListVersions {
  /**
   * Per key: the elements of its longest read, without duplicates; empty if all reads were empty.
   */
  readonly observedOrder: readonly (readonly number[])[];
  /**
   * Per key: the version order. It is the observed order, or the only element appended if no read
   * observed any.
   */
  readonly versionOrder: readonly (readonly number[])[];
  /** Per micro-operation: its length if it is a read and a prefix of the longest read; else −1. */
  readonly prefixLength: Int32Array;
  /** Per key: 1 if the longest read has no duplicate, aborted or phantom elements, else 0. */
  readonly isClean: Uint8Array;
  /** Per key with incompatible reads: its distinct reads, the shortest first. */
  readonly incompatibleReads: ReadonlyMap<number, readonly (readonly unknown[])[]>;
}

/** Returns whether a read returned at least one element. */
export function isNonEmpty(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** Infers the version order of each list. */
export function inferListVersions(
  transactions: Transactions,
  elements: ListElements,
): ListVersions {
  const longest = longestReads(transactions);
  const { prefixLength, incompatibleKeys } = matchReads(transactions, longest);
  const incompatibleReads = distinctReads(transactions, incompatibleKeys);
  for (const [key, reads] of incompatibleReads) longest[key] = reads.at(-1);
  if (incompatibleKeys.size > 0) {
    prefixLength.set(matchReads(transactions, longest).prefixLength);
  }
  const observedOrder = longest.map((read, key) => [
    ...new Set((read ?? []).map((value) => elements.idOf(key, value))),
  ]);
  return {
    observedOrder,
    versionOrder: addSingleAppends(transactions, elements, observedOrder),
    prefixLength,
    isClean: Uint8Array.from(
      observedOrder,
      (order, key) =>
        order.length === (longest[key]?.length ?? 0) &&
          order.every((element) => mayBeCommitted(transactions, elements, element))
          ? 1
          : 0,
    ),
    incompatibleReads,
  };
}

function mayBeCommitted(
  transactions: Transactions,
  elements: ListElements,
  element: number,
): boolean {
  const writer = elements.writer[element] as number;
  return writer >= 0 && transactions.outcome[writer] !== ABORTED;
}

function longestReads(transactions: Transactions): (readonly unknown[] | undefined)[] {
  const longest = new Array<readonly unknown[] | undefined>(transactions.keys.length)
    .fill(undefined);
  forEachRead(transactions, (_micro, key, value) => {
    if (value.length > (longest[key]?.length ?? 0)) longest[key] = value;
  });
  return longest;
}

/** Compares each read with the longest read of its key. */
function matchReads(
  transactions: Transactions,
  longest: readonly (readonly unknown[] | undefined)[],
): { prefixLength: Int32Array; incompatibleKeys: Set<number> } {
  const prefixLength = new Int32Array(transactions.value.length).fill(-1);
  const incompatibleKeys = new Set<number>();
  forEachRead(transactions, (micro, key, value) => {
    if (isPrefix(value, longest[key] ?? [])) prefixLength[micro] = value.length;
    else incompatibleKeys.add(key);
  });
  return { prefixLength, incompatibleKeys };
}

/** Calls `callback` with each non-empty read by a committed transaction. */
export function forEachRead(
  transactions: Transactions,
  callback: (
    micro: number,
    key: number,
    value: readonly unknown[],
    transaction: number,
  ) => void,
): void {
  const { count, outcome, start, isRead, key, value } = transactions;
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const read = value[micro];
      if (isRead[micro] === 1 && isNonEmpty(read)) {
        callback(micro, key[micro] as number, read, transaction);
      }
    }
  }
}

/** Returns whether `list` starts with all elements of `prefix`. */
export function isPrefix(prefix: readonly unknown[], list: readonly unknown[]): boolean {
  if (prefix.length > list.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (prefix[at] !== list[at] && equalityKey(prefix[at]) !== equalityKey(list[at])) return false;
  }
  return true;
}

/** Returns the distinct reads of each of the keys, the shortest first. */
function distinctReads(
  transactions: Transactions,
  keys: ReadonlySet<number>,
): Map<number, (readonly unknown[])[]> {
  const readsByKey = new Map(
    [...keys].map((key) => [key, new Map<unknown, readonly unknown[]>()]),
  );
  forEachRead(transactions, (_micro, key, value) => {
    readsByKey.get(key)?.set(equalityKey(value), value);
  });
  return new Map(
    [...readsByKey].map(([key, reads]) => [key, sortByLength([...reads.values()])]),
  );
}

/**
 * Sorts reads by length. Distinct reads of equal length are incompatible. The last one may become
 * the version order, so they are in the same order as in Elle.
 */
function sortByLength(reads: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const order = trieOrder([...reads.keys()], Int32Array.from(reads, listHash));
  return order.map((index) => reads[index] as readonly unknown[])
    .sort((a, b) => a.length - b.length);
}

/** Adds the version order of keys that no read observed and that have exactly one append. */
function addSingleAppends(
  transactions: Transactions,
  elements: ListElements,
  observed: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const { count, outcome, start, isRead, key, value, keys } = transactions;
  const appends = keys.map((): number[] => []);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] === ABORTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      if (isRead[micro] === 1 || observed[keyIndex]?.length !== 0) continue;
      appends[keyIndex]?.push(elements.idOf(keyIndex, value[micro]));
    }
  }
  return observed.map((order, keyIndex) => {
    const only = appends[keyIndex] as number[];
    return only.length === 1 ? only : order;
  });
}
