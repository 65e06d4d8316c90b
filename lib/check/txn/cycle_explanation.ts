/**
 * How dependencies and cycles are put: as data for programs, and in sentences for people.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import type { Evidence } from "./anomaly_log.ts";
import type { ClassifiedCycle } from "./component.ts";
import type { RelationName } from "./relations.ts";
import type { Transactions } from "./transactions.ts";

/** What a dependency between two transactions rests on. */
export interface EdgeExplanation {
  readonly key?: unknown;
  /** The version that the first transaction wrote or read; `null` for the initial state. */
  readonly value?: unknown;
  /** For `ww` and `rw`: the version of the second transaction, which came later. */
  readonly "next-value"?: unknown;
  /** Why `from` comes before `to`; the arguments are what to call them. */
  readonly message: (from: string, to: string) => string;
}

/** Finds the reason of a dependency `ww`, `wr` or `rw` between two transactions. */
export type EdgeExplainer = (from: number, to: number, relation: RelationName) => EdgeExplanation;

/** One step of a cycle. */
export interface CycleStep {
  readonly type: RelationName;
  /** Indices in the history of the operations that completed the two transactions. */
  readonly from: number;
  readonly to: number;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly "next-value"?: unknown;
  readonly process?: unknown;
  readonly message: string;
}

/** A cycle of dependencies between transactions, step by step. */
export interface CycleEvidence extends Evidence {
  /** Indices of the transactions' completions in the history, the first one again at the end. */
  readonly cycle: readonly number[];
  readonly steps: readonly CycleStep[];
}

/** Puts a cycle whose vertices are transactions. */
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
  const who = members.map((transaction) =>
    `${nameOf(transaction)} is ${describeTransaction(transactions, transaction)}.`
  );
  const why = steps.map(({ message }) => `${message}.`);
  return {
    cycle: cycle.vertices.map((transaction) => completionIndex(transactions, transaction)),
    steps,
    message: [...who, ...why, "So each of them would have to come before itself."].join("\n"),
  };
}

/** The index in the history of the operation that completed a transaction. */
export function completionIndex(transactions: Transactions, transaction: number): number {
  return operationOf(transactions, transaction).index;
}

/** A transaction in a sentence: its operation and its micro-operations. */
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
  const ended = operationOf(transactions, from);
  if (relation === "process") {
    return {
      process: ended.process,
      message: (a, b) => `process ${ended.process} did ${a} before ${b}`,
    };
  }
  const began = transactions.invocations[to] as Operation;
  const seconds = Math.max(0, began.time - ended.time) / 1e9;
  return {
    message: (a, b) =>
      `${a} had ended (index ${ended.index}) ${seconds.toFixed(3)} s before ${b} began ` +
      `(index ${began.index})`,
  };
}
