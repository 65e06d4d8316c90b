/**
 * Explanations of dependencies and cycles, as data for programs and as messages for people.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import type { Evidence } from "./anomaly_log.ts";
import type { ClassifiedCycle } from "./component.ts";
import type { RelationName } from "./relations.ts";
import type { Transactions } from "./transactions.ts";

/** The reason for an edge of the dependency graph. */
export interface EdgeExplanation {
  readonly key?: unknown;
  /** The version that the first transaction wrote or read; `null` for the initial version. */
  readonly value?: unknown;
  /** For `ww` and `rw`: the next version, which the second transaction wrote. */
  readonly "next-value"?: unknown;
  /** Returns why `from` precedes `to`, given names for the two transactions. */
  readonly message: (from: string, to: string) => string;
}

/** Explains a `ww`, `wr` or `rw` edge between two transactions. */
export type EdgeExplainer = (from: number, to: number, relation: RelationName) => EdgeExplanation;

/** One edge of a cycle. */
export interface CycleStep {
  readonly type: RelationName;
  /** The index of the first transaction's completion in the history. */
  readonly from: number;
  /** The index of the second transaction's completion in the history. */
  readonly to: number;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly "next-value"?: unknown;
  readonly process?: unknown;
  readonly message: string;
}

/** A dependency cycle, edge by edge. */
export interface CycleEvidence extends Evidence {
  /** The indices of the transactions' completions; the first one is repeated at the end. */
  readonly cycle: readonly number[];
  readonly steps: readonly CycleStep[];
}

/** Explains a cycle whose vertices are transactions. */
export function describeCycle(
  cycle: ClassifiedCycle,
  transactions: Transactions,
  explain: EdgeExplainer,
): CycleEvidence {
  const members = cycle.vertices.slice(0, -1);
  const nameOf = (transaction: number) => `T${members.indexOf(transaction) + 1}`;
  const steps = cycle.steps.map((type, at): CycleStep => {
    const from = cycle.vertices[at] as number;
    const to = cycle.vertices[at + 1] as number;
    const { message, ...data } = type === "process" || type === "realtime"
      ? explainTimeEdge(transactions, from, to, type)
      : explain(from, to, type);
    return {
      type,
      from: completionIndex(transactions, from),
      to: completionIndex(transactions, to),
      ...data,
      message: `${nameOf(from)} < ${nameOf(to)}: ${message(nameOf(from), nameOf(to))}`,
    };
  });
  const definitions = members.map((transaction) =>
    `${nameOf(transaction)} is ${describeTransaction(transactions, transaction)}.`
  );
  const reasons = steps.map(({ message }) => `${message}.`);
  return {
    cycle: cycle.vertices.map((transaction) => completionIndex(transactions, transaction)),
    steps,
    message: [
      ...definitions,
      ...reasons,
      "This is a contradiction: each of these transactions would have to precede itself.",
    ].join("\n"),
  };
}

/**
 * Returns the index of a transaction's completion in the history, see `Transactions.operations`.
 */
export function completionIndex(transactions: Transactions, transaction: number): number {
  return operationOf(transactions, transaction).index;
}

/** Returns a transaction's operation and micro-operations as text. */
export function describeTransaction(transactions: Transactions, transaction: number): string {
  const operation = operationOf(transactions, transaction);
  const micros = Array.isArray(operation.value) ? operation.value.map(describeValue) : [];
  return `${describeOperation(operation)}: ${micros.join(" ")}`;
}

function operationOf(transactions: Transactions, transaction: number): Operation {
  return transactions.operations[transaction] as Operation;
}

function explainTimeEdge(
  transactions: Transactions,
  from: number,
  to: number,
  relation: "process" | "realtime",
): EdgeExplanation & { readonly process?: unknown } {
  const completion = operationOf(transactions, from);
  if (relation === "process") {
    return {
      process: completion.process,
      message: (a, b) => `process ${completion.process} executed ${a} before ${b}`,
    };
  }
  const invocation = transactions.invocations[to] as Operation;
  const elapsedSeconds = Math.max(0, invocation.time - completion.time) / 1e9;
  return {
    message: (a, b) =>
      `${a} completed at index ${completion.index}, ${elapsedSeconds.toFixed(3)} s before the ` +
      `invocation of ${b} at index ${invocation.index}`,
  };
}
