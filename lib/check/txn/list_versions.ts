/**
 * The order of the versions of each list. Every read of a list shows how the list came about: the
 * longest read gives the order of the appends, and every other read should be a prefix of it.
 *
 * Invariant: two reads of a key that fit its longest read are equal exactly if their lengths are.
 *
 * @module
 */

import type { ListElements } from "./list_elements.ts";
import { ABORTED, COMMITTED, equalityKey, type Transactions } from "./transactions.ts";
import { listHash, trieOrder } from "./trie_order.ts";

/** What was learned from the reads; see the module's comment. */
export interface ListVersions {
  /** Of each key: its longest read, without repetitions, as elements. Empty if none showed any. */
  readonly observedOrder: readonly (readonly number[])[];
  /** Of each key: the order of its versions, which one append that no read shows is by itself. */
  readonly versionOrder: readonly (readonly number[])[];
  /** Of each micro-operation that is a read which fits the longest read: its length; else −1. */
  readonly prefixLength: Int32Array;
  /** Of each key: whether its longest read is free of repeated, aborted and foreign elements. */
  readonly isClean: Uint8Array;
  /** Keys some of whose reads contradict each other, each with its reads by length. */
  readonly incompatibleReads: ReadonlyMap<number, readonly (readonly unknown[])[]>;
}

/** Whether a read showed any elements. */
export function isNonEmpty(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** Finds the order of each list. */
export function inferListVersions(
  transactions: Transactions,
  elements: ListElements,
): ListVersions {
  const longest = longestReads(transactions);
  const { fittingLength, misfits } = matchReads(transactions, longest);
  const contradictions = distinctReads(transactions, misfits);
  for (const [key, reads] of contradictions) longest[key] = reads.at(-1);
  if (misfits.size > 0) fittingLength.set(matchReads(transactions, longest).fittingLength);
  const observed = longest.map((read, key) => [
    ...new Set((read ?? []).map((value) => elements.idOf(key, value))),
  ]);
  return {
    observedOrder: observed,
    versionOrder: addSingleAppends(transactions, elements, observed),
    prefixLength: fittingLength,
    isClean: Uint8Array.from(
      observed,
      (order, key) =>
        order.length === (longest[key]?.length ?? 0) &&
          order.every((element) => mayBeCommitted(transactions, elements, element))
          ? 1
          : 0,
    ),
    incompatibleReads: contradictions,
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

function matchReads(
  transactions: Transactions,
  longest: readonly (readonly unknown[] | undefined)[],
): { fittingLength: Int32Array; misfits: Set<number> } {
  const fittingLength = new Int32Array(transactions.value.length).fill(-1);
  const misfits = new Set<number>();
  forEachRead(transactions, (micro, key, value) => {
    if (isPrefix(value, longest[key] ?? [])) fittingLength[micro] = value.length;
    else misfits.add(key);
  });
  return { fittingLength, misfits };
}

/** Calls back for each read by a committed transaction that showed any elements. */
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

/** Whether `list` begins with all of `prefix`. */
export function isPrefix(prefix: readonly unknown[], list: readonly unknown[]): boolean {
  if (prefix.length > list.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (prefix[at] !== list[at] && equalityKey(prefix[at]) !== equalityKey(list[at])) return false;
  }
  return true;
}

/** All different reads of each of the keys, the shortest first. */
function distinctReads(
  transactions: Transactions,
  keys: ReadonlySet<number>,
): Map<number, (readonly unknown[])[]> {
  const reads = new Map([...keys].map((key) => [key, new Map<unknown, readonly unknown[]>()]));
  forEachRead(transactions, (_micro, key, value) => reads.get(key)?.set(equalityKey(value), value));
  return new Map(
    [...reads].map(([key, byIdentity]) => [key, byLength([...byIdentity.values()])]),
  );
}

/**
 * Reads by length. Those of one length contradict each other; which one comes last, and so may be
 * taken for the truth, is Elle's choice.
 */
function byLength(reads: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const order = trieOrder([...reads.keys()], Int32Array.from(reads, listHash));
  return order.map((place) => reads[place] as readonly unknown[])
    .sort((a, b) => a.length - b.length);
}

/** A key that no read shows, but to which only one element was appended, needs no read. */
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
      const keyNumber = key[micro] as number;
      if (isRead[micro] === 1 || observed[keyNumber]?.length !== 0) continue;
      appends[keyNumber]?.push(elements.idOf(keyNumber, value[micro]));
    }
  }
  return observed.map((order, keyNumber) => {
    const only = appends[keyNumber] as number[];
    return only.length === 1 ? only : order;
  });
}
