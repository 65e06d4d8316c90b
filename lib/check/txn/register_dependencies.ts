/**
 * The dependencies between transactions on registers. The unique values give the wr edges; the ww
 * and rw edges follow from the partial version order, see {@link RegisterVersionOrder}.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { EdgeList } from "./dependency_graph.ts";
import type { EdgeExplainer, EdgeExplanation } from "./cycle_explanation.ts";
import type { RegisterVersionOrder } from "./register_version_order.ts";
import type { RegisterVersions } from "./register_versions.ts";
import { RW, WR, WW } from "./relations.ts";
import type { Transactions } from "./transactions.ts";

/** Infers and explains the dependencies of a history. */
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
   * Adds the `ww`, `wr` and `rw` edges. Returns whether there was any dependency, including those
   * of a transaction on itself.
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

  /** Explains an edge that {@link addTo} added. */
  readonly explain: EdgeExplainer = (from, to, relation) => {
    const accessesOfTo = new Map(this.#accessesOf(to).map((access) => [access.key, access]));
    for (const { key, read, written } of this.#accessesOf(from)) {
      const other = accessesOfTo.get(key);
      if (other === undefined) continue;
      if (relation === "wr" && written >= 0 && written === other.read) {
        return this.#explainWr(key, written);
      }
      const previous = relation === "ww" ? written : relation === "rw" ? read : -1;
      if (this.#order[previous]?.includes(other.written) === true) {
        const verb = relation === "ww" ? "wrote" : "read";
        return this.#explainWwOrRw(key, previous, other.written, verb);
      }
    }
    return { message: () => "no explanation was found for this dependency" };
  };

  #accessesOf(transaction: number) {
    const { accessStart, accessKey, accessRead, accessWritten } = this.#versions;
    const first = accessStart[transaction] as number;
    return Array.from({ length: (accessStart[transaction + 1] as number) - first }, (_, at) => ({
      key: accessKey[first + at] as number,
      read: accessRead[first + at] as number,
      written: accessWritten[first + at] as number,
    }));
  }

  #addWrEdges(version: number, edges: EdgeList): boolean {
    const writer = this.#versions.writers.last(version);
    if (writer < 0) return false;
    let any = false;
    this.#versions.readers.forEach(version, (reader) => {
      edges.add(writer, reader, WR);
      any = true;
    });
    return any;
  }

  #addWwAndRwEdges(version: number, next: number, edges: EdgeList): boolean {
    let any = false;
    const { readers, writers } = this.#versions;
    writers.forEach(next, (writer) => {
      const add = (relation: number) => (earlier: number) => {
        any = true;
        if (earlier !== writer) edges.add(earlier, writer, relation);
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
        `${to} observed ${from}'s write of ${describeValue(value)} to key ${name}`,
    };
  }

  #explainWwOrRw(
    key: number,
    previous: number,
    next: number,
    verb: "wrote" | "read",
  ): EdgeExplanation {
    const name = describeValue(this.#transactions.keys[key]);
    const value = this.#versions.valueOf(previous);
    const nextValue = this.#versions.valueOf(next);
    const version = value === null ? "the initial version" : describeValue(value);
    const preposition = verb === "wrote" ? "to" : "from";
    return {
      key: this.#transactions.keys[key],
      value,
      "next-value": nextValue,
      message: (from, to) =>
        `${from} ${verb} ${version} ${preposition} key ${name}, which ${to} overwrote with ` +
        describeValue(nextValue),
    };
  }
}
