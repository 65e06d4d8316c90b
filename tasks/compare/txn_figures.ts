/**
 * Measures a strategy of a transactional node over several seeds: messages, bytes, latency, and the
 * strongest consistency model that its histories satisfy.
 *
 * @module
 */

import {
  checkListAppend,
  checkRwRegister,
  type TransactionalVerdict,
} from "../../lib/check/txn/mod.ts";
import { type History, pairOperations } from "../../lib/history/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import {
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../../lib/workbench/mod.ts";
import { oncePerWorker } from "../../lib/workload/generator.ts";
import type { Workload } from "../../lib/workload/mod.ts";

/** The runs of a measurement. */
export interface TransactionRuns {
  readonly program: NodeFunction;
  readonly strategy: string;
  readonly workload: Workload;
  readonly options: SimulationOptions;
  readonly seeds: number;
}

/** The measurements of all runs. */
export interface TransactionFigures {
  /** Messages between servers per transaction: the mean of all runs. */
  readonly messages: number;
  /** Messages between servers per transaction in the run with most. */
  readonly mostMessages: number;
  /** Bytes between servers per transaction, as JSON. */
  readonly bytes: number;
  /** Latency of successful transactions in milliseconds; `high` is the 99th percentile. */
  readonly latency: { readonly median: number; readonly high: number };
  readonly okFraction: number;
  /** Whether all nodes return the same value for every key some seconds after the last fault. */
  readonly agree: boolean;
  /** The strongest model that no run refutes; undefined when the runs refute all models. */
  readonly holds: string | undefined;
  /**
   * The next stronger model, with the anomalies that refute it; undefined when no model is refuted.
   */
  readonly refuted: { readonly model: string; readonly anomalies: readonly string[] } | undefined;
}

/** Consistency models, each stronger than the one before. */
const MODELS_BY_STRENGTH = [
  "read-uncommitted",
  "read-committed",
  "causal-cerone",
  "snapshot-isolation",
  "serializable",
  "strict-serializable",
] as const;

/** Runs a strategy with each seed and returns its measurements. */
export async function measureTransactions(runs: TransactionRuns): Promise<TransactionFigures> {
  const results: SimulationResult[] = [];
  for (let seed = 0; seed < runs.seeds; seed++) {
    results.push(
      await simulate(runs.program, withFinalReads(runs.workload), {
        ...runs.options,
        args: ["--strategy", runs.strategy],
        seed,
      }),
    );
  }
  const traffic = results.map(trafficOf);
  const histories = results.map(({ history }) => history);
  const transactions = histories.flatMap((history) =>
    pairOperations(history).filter(({ invocation }) => invocation.final !== true)
  );
  const counts = histories.map((history) =>
    pairOperations(history).filter(({ invocation }) => invocation.final !== true).length
  );
  const latenciesMs = transactions.flatMap(({ invocation, completion }) =>
    completion?.type === "ok" ? [(completion.time - invocation.time) / 1e6] : []
  ).sort((a, b) => a - b);
  const at = (fraction: number) =>
    latenciesMs[Math.floor(fraction * (latenciesMs.length - 1))] ?? NaN;
  return {
    messages: sum(traffic, ({ messages }) => messages) / transactions.length,
    mostMessages: Math.max(
      ...traffic.map(({ messages }, index) => messages / (counts[index] as number)),
    ),
    bytes: sum(traffic, ({ bytes }) => bytes) / transactions.length,
    latency: { median: at(0.5), high: at(0.99) },
    okFraction: latenciesMs.length / transactions.length,
    agree: histories.every(agree),
    ...strongestModel(histories, runs.workload),
  };
}

/** Returns the workload with a final phase in which each client reads every key. */
function withFinalReads(workload: Workload): Workload {
  return {
    ...workload,
    finalGenerator(_options, _random, main) {
      const keys = new Set(main.flatMap(({ f, value }) => f === "txn" ? keysOf(value) : []));
      const txn = [...keys].map((key) => ["r", key, null]);
      return oncePerWorker(() => ({ f: "txn", value: txn, final: true }));
    },
    // `strongestModel` checks the histories, one model at a time.
    check: () => ({ "valid?": true }),
  };
}

function keysOf(transaction: unknown): unknown[] {
  return (transaction as readonly unknown[][]).map(([, key]) => key);
}

function agree(history: History): boolean {
  const last = history.filter(({ type, final }) => type === "ok" && final === true);
  return new Set(last.map(({ value }) => JSON.stringify(value))).size === 1;
}

function trafficOf({ journal }: SimulationResult): { messages: number; bytes: number } {
  const traffic = { messages: 0, bytes: 0 };
  for (const { type, message } of journal) {
    if (type !== "send" || message.src.startsWith("c") || message.dest.startsWith("c")) continue;
    traffic.messages++;
    traffic.bytes += JSON.stringify(message).length;
  }
  return traffic;
}

function strongestModel(histories: readonly History[], { name }: Workload) {
  const check = name === "txn-list-append" ? checkListAppend : checkRwRegister;
  let holds: string | undefined;
  for (const model of MODELS_BY_STRENGTH) {
    const anomalies = new Set<string>();
    for (const history of histories) {
      const main = history.filter(({ final }) => final !== true);
      const verdict: TransactionalVerdict = check(main, { consistencyModels: [model] });
      if (verdict["valid?"] === true) continue;
      for (const type of verdict["anomaly-types"] ?? ["undecided"]) anomalies.add(type);
    }
    if (anomalies.size > 0) return { holds, refuted: { model, anomalies: [...anomalies] } };
    holds = model;
  }
  return { holds, refuted: undefined };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
