/**
 * Measures a strategy of the kafka node over several seeds: messages, bytes, latency, realtime lag.
 *
 * @module
 */

import { realtimeLag } from "../../lib/check/kafka/mod.ts";
import { pairOperations } from "../../lib/history/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import {
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";

/** The runs of a measurement. */
export interface LogRuns {
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly workload: Workload;
  readonly options: SimulationOptions & { readonly timeLimitSeconds: number };
  readonly seeds: number;
}

/** The median and the 99th percentile (`high`), in milliseconds. */
export interface Percentiles {
  readonly median: number;
  readonly high: number;
}

/** The measurements of all runs. */
export interface LogFigures {
  /** Messages between servers per operation: the mean of all runs, and the run with most. */
  readonly messages: number;
  readonly mostMessages: number;
  /** Bytes between servers per operation, as JSON. */
  readonly bytes: number;
  /** Latency of successful sends, and of successful polls with their commits. */
  readonly send: Percentiles;
  readonly poll: Percentiles;
  /** Realtime lag of polls behind the acknowledged sends. */
  readonly lag: Percentiles;
  /** The fraction of operations that succeeded, client crashes excluded. */
  readonly okFraction: number;
  /** The fraction of the clients' time spent on operations that did not succeed. */
  readonly lostTime: number;
  /** Whether the checker found no anomaly in any run. */
  readonly isValid: boolean;
}

/** Measures a strategy in the main phase of the runs. */
export async function measureLog(runs: LogRuns): Promise<LogFigures> {
  const results: SimulationResult[] = [];
  for (let seed = 0; seed < runs.seeds; seed++) {
    const { program, args, workload, options } = runs;
    results.push(await simulate(program, workload, { ...options, args, seed }));
  }
  const endNs = runs.options.timeLimitSeconds * 1e9;
  const measured = results.map((run) => ({
    operations: operationsOf(run, endNs),
    traffic: serverMessageSizes(run, endNs),
  }));
  const operations = measured.flatMap(({ operations }) => operations);
  const traffic = measured.flatMap(({ traffic }) => traffic);
  const succeeded = operations.flatMap(({ invocation: { f, time }, completion }) =>
    completion?.type === "ok" ? [{ f, latencyMs: (completion.time - time) / 1e6 }] : []
  );
  const timesOf = (kind: string) =>
    percentilesOf(succeeded.flatMap(({ f, latencyMs }) => f === kind ? [latencyMs] : []));
  const lags = results.flatMap(({ history }) =>
    realtimeLag(history).flatMap(({ time, lag }) => time < endNs ? [lag / 1e6] : [])
  );
  return {
    messages: traffic.length / operations.length,
    mostMessages: Math.max(
      ...measured.map(({ operations, traffic }) => traffic.length / operations.length),
    ),
    bytes: traffic.reduce((sum, bytes) => sum + bytes, 0) / operations.length,
    send: timesOf("send"),
    poll: timesOf("poll"),
    lag: percentilesOf(lags),
    okFraction: succeeded.length / operations.length,
    lostTime: lostTime(results, operations, endNs),
    isValid: results.every(({ verdict }) => verdict["valid?"] === true),
  };
}

function lostTime(
  results: readonly SimulationResult[],
  operations: ReturnType<typeof pairOperations>,
  endNs: number,
): number {
  const lost = operations.reduce(
    (sum, { invocation: { time }, completion }) =>
      completion?.type === "ok" ? sum : sum + Math.min(endNs, completion?.time ?? endNs) - time,
    0,
  );
  return lost / results.reduce((sum, { options }) => sum + options.concurrency * endNs, 0);
}

/** Returns the invocations before the end of the main phase, with their completions. */
export function operationsOf({ history }: SimulationResult, endNs: number) {
  return pairOperations(history).filter(({ invocation: { process, f, time } }) =>
    process !== "nemesis" && f !== "crash" && time < endNs
  );
}

/** Returns the bytes of each message between servers, as JSON. */
export function serverMessageSizes({ journal }: SimulationResult, endNs: number): number[] {
  return journal.flatMap(({ type, time, message }) => {
    const isBetweenServers = type === "send" && time < endNs &&
      !message.src.startsWith("c") && !message.dest.startsWith("c");
    return isBetweenServers ? [JSON.stringify(message).length] : [];
  });
}

/** Returns the median and the 99th percentile of values. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.floor(fraction * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), high: at(0.99) };
}
