/**
 * The dependencies between transactions on lists, inferred from each list's version order. A
 * version is identified by its last element. An append that no read observed follows all observed
 * appends.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { EdgeList } from "./dependency_graph.ts";
import type { EdgeExplainer, EdgeExplanation } from "./cycle_explanation.ts";
import { type ListElements, NO_TRANSACTION } from "./list_elements.ts";
import { isNonEmpty, type ListVersions } from "./list_versions.ts";
import { TransactionMultimap } from "./transaction_multimap.ts";
import { RW, WR, WW } from "./relations.ts";
import { ABORTED, COMMITTED, type Transactions } from "./transactions.ts";

/** The version of a list before any append: it has no last element. */
const INITIAL_VERSION = -1;

/** Infers and explains the dependencies of a history. */
export class ListDependencies {
  readonly #transactions: Transactions;
  readonly #elements: ListElements;
  readonly #versions: ListVersions;
  /** Per element: its index in the version order, or −1 if no read observed it. */
  readonly #position: Int32Array;
  /** Per micro-operation that is a read: the version that it observed. */
  readonly #lastElement: Int32Array;
  /** The committed transactions that read each version, see {@link #readersKey}. */
  readonly #readers: TransactionMultimap;

  constructor(transactions: Transactions, elements: ListElements, versions: ListVersions) {
    this.#transactions = transactions;
    this.#elements = elements;
    this.#versions = versions;
    this.#lastElement = this.#findLastElements();
    this.#position = new Int32Array(elements.count).fill(-1);
    for (const order of versions.versionOrder) {
      order.forEach((element, at) => this.#position[element] = at);
    }
    this.#readers = this.#findReaders();
  }

  /** Adds the `ww`, `wr` and `rw` edges. */
  addTo(edges: EdgeList): void {
    const { count, outcome, start, isRead, key } = this.#transactions;
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] === ABORTED) continue;
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] === 1) {
          const writer = this.#observedWriter(transaction, micro);
          if (writer !== NO_TRANSACTION) edges.add(writer, transaction, WR);
          continue;
        }
        const previous = this.#previousVersion(micro);
        const writer = this.#writerOf(previous, transaction);
        if (writer !== NO_TRANSACTION) edges.add(writer, transaction, WW);
        this.#readers.forEach(this.#readersKey(previous, key[micro] as number), (reader) => {
          if (reader !== transaction) edges.add(reader, transaction, RW);
        });
      }
    }
  }

  /** Explains an edge that {@link addTo} added. */
  readonly explain: EdgeExplainer = (from, to, relation) => {
    const { start, isRead, key, keys, value } = this.#transactions;
    const end = start[to + 1] as number;
    for (let micro = start[to] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      if (isRead[micro] === 1) {
        if (relation !== "wr" || this.#observedWriter(to, micro) !== from) continue;
        return explainWr(keys[keyIndex], this.#valueOf(this.#lastElement[micro] as number));
      }
      const previous = this.#previousVersion(micro);
      if (relation === "ww" && this.#writerOf(previous, to) === from) {
        return explainWw(keys[keyIndex], this.#valueOf(previous), value[micro]);
      }
      if (relation === "rw" && this.#readers.has(this.#readersKey(previous, keyIndex), from)) {
        return explainRw(keys[keyIndex], this.#valueOf(previous), value[micro]);
      }
    }
    return { message: () => "no explanation was found for this dependency" };
  };

  #findLastElements(): Int32Array {
    const { isRead, key, value } = this.#transactions;
    return Int32Array.from(
      value,
      (read, micro) =>
        isRead[micro] === 1 && isNonEmpty(read)
          ? this.#elements.idOf(key[micro] as number, read.at(-1))
          : INITIAL_VERSION,
    );
  }

  #findReaders(): TransactionMultimap {
    const { count, outcome, start, isRead, key, keys } = this.#transactions;
    const readers = new TransactionMultimap(this.#elements.count + keys.length);
    // The reads of an indeterminate transaction are unknown.
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] !== COMMITTED) continue;
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] !== 1) continue;
        readers.add(
          this.#readersKey(this.#lastElement[micro] as number, key[micro] as number),
          transaction,
        );
      }
    }
    return readers;
  }

  /** Returns the version before an append: an element or {@link INITIAL_VERSION}. */
  #previousVersion(micro: number): number {
    const key = this.#transactions.key[micro] as number;
    const order = this.#versions.versionOrder[key] as readonly number[];
    const element = this.#elements.idOf(key, this.#transactions.value[micro]);
    const position = this.#position[element] as number;
    return (position < 0 ? order.at(-1) : order[position - 1]) ?? INITIAL_VERSION;
  }

  /** Returns the transaction that appended an element, unless it is `self` or it aborted. */
  #writerOf(element: number, self: number): number {
    if (element === INITIAL_VERSION) return NO_TRANSACTION;
    const writer = this.#elements.writer[element] as number;
    if (writer === NO_TRANSACTION || writer === self) return NO_TRANSACTION;
    return this.#transactions.outcome[writer] === ABORTED ? NO_TRANSACTION : writer;
  }

  #observedWriter(transaction: number, micro: number): number {
    return this.#writerOf(this.#lastElement[micro] as number, transaction);
  }

  /** Returns a version's key in {@link #readers}; the initial versions follow the elements. */
  #readersKey(element: number, key: number): number {
    return element === INITIAL_VERSION ? this.#elements.count + key : element;
  }

  #valueOf(element: number): unknown {
    return element === INITIAL_VERSION ? null : this.#elements.valueOf(element);
  }
}

function explainWr(key: unknown, value: unknown): EdgeExplanation {
  return {
    key,
    value,
    message: (from, to) =>
      `${to} observed ${from}'s append of ${describeValue(value)} to ${describeKey(key)}`,
  };
}

function explainWw(key: unknown, value: unknown, next: unknown): EdgeExplanation {
  return {
    key,
    value,
    "next-value": next,
    message: (from, to) =>
      `${to} appended ${describeValue(next)} to ${describeKey(key)} after ${from} appended ` +
      describeValue(value),
  };
}

function explainRw(key: unknown, value: unknown, next: unknown): EdgeExplanation {
  const observed = value === null ? "as empty" : `up to ${describeValue(value)}`;
  return {
    key,
    value,
    "next-value": next,
    message: (from, to) =>
      `${from} read ${describeKey(key)} ${observed} and did not observe ${to}'s append of ` +
      describeValue(next),
  };
}

function describeKey(key: unknown): string {
  return `key ${describeValue(key)}`;
}
