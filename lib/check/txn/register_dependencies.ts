/**
 * Dependencies between transactions on registers: who read whose write (wr), and along the order of
 * versions who wrote after whom (ww) and who read what someone else replaced (rw).
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { EdgeList } from "./dependency_graph.ts";
import type { EdgeExplainer, EdgeExplanation } from "./cycle_explanation.ts";
import { DuplicateWriteError } from "./history_errors.ts";
import type { RegisterVersionOrder } from "./register_version_order.ts";
import type { RegisterVersions } from "./register_versions.ts";
import { RW, WR, WW } from "./relations.ts";
import type { Transactions } from "./transactions.ts";

/** All that dependencies are told from. */
export class RegisterDependencies {
  readonly #transactions: Transactions;
  readonly #versions: RegisterVersions;
  readonly #order: RegisterVersionOrder;

  constructor(transactions: Transactions, versions: RegisterVersions, order: RegisterVersionOrder) {
    this.#transactions = transactions;
    this.#versions = versions;
    this.#order = order;
  }

  /**
   * Adds an edge for each dependency, and says whether there was any, those of transactions on
   * themselves included. Throws a `DuplicateWriteError` when a read could be of two writes.
   */
  addTo(edges: EdgeList): boolean {
    let any = false;
    for (let version = 0; version < this.#versions.count; version++) {
      any = this.#addWrEdges(version, edges) || any;
      for (const next of this.#order[version] ?? []) {
        any = this.#addWwAndRwEdges(version, next, edges) || any;
      }
    }
    return any;
  }

  /** Finds the reason of a dependency that `addTo` added. */
  readonly explain: EdgeExplainer = (from, to, relation) => {
    const after = new Map(
      this.#versions.externalAccesses(to).map((access) => [access.key, access]),
    );
    for (const { key, read, written } of this.#versions.externalAccesses(from)) {
      const other = after.get(key);
      if (other === undefined) continue;
      if (relation === "wr" && written >= 0 && written === other.read) {
        return this.#explainWr(key, written);
      }
      const before = relation === "ww" ? written : relation === "rw" ? read : -1;
      if (this.#order[before]?.includes(other.written) === true) {
        return this.#explainSuccession(
          key,
          before,
          other.written,
          relation === "ww" ? "wrote" : "read",
        );
      }
    }
    return { message: () => "for a reason that could not be found again" };
  };

  #addWrEdges(version: number, edges: EdgeList): boolean {
    const writer = this.#versions.writers.last(version);
    if (writer < 0) return false;
    let any = false;
    this.#versions.readers.forEach(version, (reader) => {
      if (this.#versions.writers.hasMultiple(version)) {
        const key = this.#transactions.keys[this.#versions.keyOf(version)];
        throw new DuplicateWriteError(key, this.#versions.valueOf(version));
      }
      edges.add(writer, reader, WR);
      any = true;
    });
    return any;
  }

  #addWwAndRwEdges(version: number, next: number, edges: EdgeList): boolean {
    let any = false;
    const { readers, writers } = this.#versions;
    writers.forEach(next, (writer) => {
      const add = (relation: number) => (before: number) => {
        any = true;
        if (before !== writer) edges.add(before, writer, relation);
      };
      writers.forEach(version, add(WW));
      readers.forEach(version, add(RW));
    });
    return any;
  }

  #explainWr(key: number, version: number): EdgeExplanation {
    const name = describeValue(this.#transactions.keys[key]);
    const value = this.#versions.valueOf(version);
    return {
      key: this.#transactions.keys[key],
      value,
      message: (from, to) =>
        `${to} read ${describeValue(value)} from key ${name}, which ${from} wrote`,
    };
  }

  #explainSuccession(
    key: number,
    version: number,
    next: number,
    did: "wrote" | "read",
  ): EdgeExplanation {
    const name = describeValue(this.#transactions.keys[key]);
    const value = this.#versions.valueOf(version);
    const nextValue = this.#versions.valueOf(next);
    const first = value === null ? "the initial null" : describeValue(value);
    return {
      key: this.#transactions.keys[key],
      value,
      "next-value": nextValue,
      message: (from, to) =>
        `${from} ${did} ${first} in key ${name}, which ${describeValue(nextValue)} replaced, ` +
        `written by ${to}`,
    };
  }
}
