/**
 * Dependencies between transactions on lists, from the order of each list's versions: who appended
 * after whom (ww), who read whose append (wr), who read the version that someone else's append
 * replaced (rw). An append that no read shows comes after all that are shown.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { EdgeList } from "./dependency_graph.ts";
import type { Explainer, Reason } from "./explain.ts";
import { type ListElements, NOBODY } from "./list_elements.ts";
import { isNonEmpty, type ListVersions } from "./list_versions.ts";
import { TransactionIndex } from "./transaction_index.ts";
import { RW, WR, WW } from "./relations.ts";
import { ABORTED, COMMITTED, type Transactions } from "./transactions.ts";

/** The state of a list before any append, as a version. */
const INITIAL = -1;

/** All that dependencies are told from. */
export class ListDependencies {
  readonly #transactions: Transactions;
  readonly #elements: ListElements;
  readonly #versions: ListVersions;
  /** Of each element: its place in its list, or −1 if no read shows it. */
  readonly #position: Int32Array;
  /** Of each micro-operation that is a read: the element that came last, or INITIAL. */
  readonly #lastRead: Int32Array;
  /** Of each element, and then of each key for its initial state: who read it. */
  readonly #readers: TransactionIndex;

  constructor(transactions: Transactions, elements: ListElements, versions: ListVersions) {
    this.#transactions = transactions;
    this.#elements = elements;
    this.#versions = versions;
    this.#lastRead = this.#findLastReads();
    this.#position = new Int32Array(elements.count).fill(-1);
    for (const order of versions.order) {
      order.forEach((element, at) => this.#position[element] = at);
    }
    this.#readers = this.#findReaders();
  }

  /** Adds an edge for each dependency. */
  addTo(edges: EdgeList): void {
    const { count, outcome, start, isRead, key } = this.#transactions;
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] === ABORTED) continue;
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] === 1) {
          const writer = this.#observedWriter(transaction, micro);
          if (writer !== NOBODY) edges.add(writer, transaction, WR);
          continue;
        }
        const previous = this.#previousVersion(micro);
        const writer = this.#writerOf(previous, transaction);
        if (writer !== NOBODY) edges.add(writer, transaction, WW);
        this.#readers.forEach(this.#versionNumber(previous, key[micro] as number), (reader) => {
          if (reader !== transaction) edges.add(reader, transaction, RW);
        });
      }
    }
  }

  /** Finds the reason of a dependency that `addTo` added. */
  readonly explain: Explainer = (from, to, relation) => {
    const { start, isRead, key, keys, value } = this.#transactions;
    const end = start[to + 1] as number;
    for (let micro = start[to] as number; micro < end; micro++) {
      const keyNumber = key[micro] as number;
      if (isRead[micro] === 1) {
        if (relation !== "wr" || this.#observedWriter(to, micro) !== from) continue;
        return observed(keys[keyNumber], this.#valueOf(this.#lastRead[micro] as number));
      }
      const previous = this.#previousVersion(micro);
      if (relation === "ww" && this.#writerOf(previous, to) === from) {
        return followed(keys[keyNumber], this.#valueOf(previous), value[micro]);
      }
      if (relation === "rw" && this.#readers.has(this.#versionNumber(previous, keyNumber), from)) {
        return overwrote(keys[keyNumber], this.#valueOf(previous), value[micro]);
      }
    }
    return { message: () => "for a reason that could not be found again" };
  };

  #findLastReads(): Int32Array {
    const { isRead, key, value } = this.#transactions;
    return Int32Array.from(
      value,
      (read, micro) =>
        isRead[micro] === 1 && isNonEmpty(read)
          ? this.#elements.numberOf(key[micro] as number, read.at(-1))
          : INITIAL,
    );
  }

  #findReaders(): TransactionIndex {
    const { count, outcome, start, isRead, key, keys } = this.#transactions;
    const readers = new TransactionIndex(this.#elements.count + keys.length);
    // What a transaction of unknown outcome read is unknown too.
    for (let transaction = 0; transaction < count; transaction++) {
      if (outcome[transaction] !== COMMITTED) continue;
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] !== 1) continue;
        readers.add(
          this.#versionNumber(this.#lastRead[micro] as number, key[micro] as number),
          transaction,
        );
      }
    }
    return readers;
  }

  /** The version that an append replaced, as far as is known: an element or INITIAL. */
  #previousVersion(micro: number): number {
    const key = this.#transactions.key[micro] as number;
    const order = this.#versions.order[key] as readonly number[];
    const element = this.#elements.numberOf(key, this.#transactions.value[micro]);
    const position = this.#position[element] as number;
    return (position < 0 ? order.at(-1) : order[position - 1]) ?? INITIAL;
  }

  /** The other transaction that appended an element and did not abort. */
  #writerOf(element: number, self: number): number {
    if (element === INITIAL) return NOBODY;
    const writer = this.#elements.writer[element] as number;
    if (writer === NOBODY || writer === self) return NOBODY;
    return this.#transactions.outcome[writer] === ABORTED ? NOBODY : writer;
  }

  #observedWriter(transaction: number, micro: number): number {
    return this.#writerOf(this.#lastRead[micro] as number, transaction);
  }

  /** Where readers of a version are indexed; each key has an initial state of its own. */
  #versionNumber(element: number, key: number): number {
    return element === INITIAL ? this.#elements.count + key : element;
  }

  #valueOf(element: number): unknown {
    return element === INITIAL ? null : this.#elements.valueOf(element);
  }
}

function observed(key: unknown, value: unknown): Reason {
  return {
    key,
    value,
    message: (from, to) =>
      `${to} saw ${describeValue(value)}, which ${from} appended to ${text(key)}`,
  };
}

function followed(key: unknown, value: unknown, next: unknown): Reason {
  return {
    key,
    value,
    "next-value": next,
    message: (from, to) =>
      `in ${text(key)} the append of ${describeValue(value)} by ${from} precedes that of ` +
      `${describeValue(next)} by ${to}`,
  };
}

function overwrote(key: unknown, value: unknown, next: unknown): Reason {
  const seen = value === null ? "was still empty" : `ended with ${describeValue(value)}`;
  return {
    key,
    value,
    "next-value": next,
    message: (from, to) =>
      `when ${from} read ${text(key)} it ${seen}, so it had not seen the append of ` +
      `${describeValue(next)} by ${to}`,
  };
}

function text(key: unknown): string {
  return `key ${describeValue(key)}`;
}
