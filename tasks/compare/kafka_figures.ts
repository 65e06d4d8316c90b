/**
 * Runs a strategy of the kafka node under several seeds and puts down what it costs and how well it
 * serves.
 *
 * @module
 */

import { realtimeLag } from "../../lib/check/kafka/mod.ts";
import { pairOperations } from "../../lib/history/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { simulate, type Simulation, type SimulationResult } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";

/** What to measure. */
export interface LogRuns {
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly workload: Workload;
  readonly options: NonNullable<Simulation["options"]> & { readonly timeLimit: number };
  readonly seeds: number;
}

/** A median and a 99th percentile, in milliseconds. */
export interface Spread {
  readonly median: number;
  readonly high: number;
}

/** What came of it, over all runs. */
export interface LogFigures {
  /** Messages between servers, per operation: over all runs, and in the run that had most. */
  readonly messages: number;
  readonly mostMessages: number;
  /** Bytes between servers, as JSON, per operation. */
  readonly bytes: number;
  /** How long sends and polls (with their commits) took that succeeded. */
  readonly send: Spread;
  readonly poll: Spread;
  /** How far polls were behind what was in the log for certain. */
  readonly lag: Spread;
  /** Of the operations that clients did not end themselves, how many succeeded. */
  readonly okFraction: number;
  /** The part of the clients' time that went into operations which did not succeed. */
  readonly lostTime: number;
  /** Whether no run had an anomaly. */
  readonly isValid: boolean;
}

/** Measures a strategy, in the main phase of the runs. */
export async function measureLog(runs: LogRuns): Promise<LogFigures> {
  const simulated: SimulationResult[] = [];
  for (let seed = 0; seed < runs.seeds; seed++) {
    const { program, args, workload, options } = runs;
    simulated.push(await simulate({ program, args, workload, options, seed }));
  }
  const end = runs.options.timeLimit * 1e9;
  const measured = simulated.map((run) => ({
    operations: operationsOf(run, end),
    traffic: messagesBetweenServers(run, end),
  }));
  const operations = measured.flatMap(({ operations }) => operations);
  const traffic = measured.flatMap(({ traffic }) => traffic);
  const succeeded = operations.flatMap(({ invocation: { f, time }, completion }) =>
    completion?.type === "ok" ? [{ f, milliseconds: (completion.time - time) / 1e6 }] : []
  );
  const timesOf = (kind: string) =>
    spread(succeeded.flatMap(({ f, milliseconds }) => f === kind ? [milliseconds] : []));
  const lags = simulated.flatMap(({ record }) =>
    realtimeLag(record.history).flatMap(({ time, lag }) => time < end ? [lag / 1e6] : [])
  );
  return {
    messages: traffic.length / operations.length,
    mostMessages: Math.max(
      ...measured.map(({ operations, traffic }) => traffic.length / operations.length),
    ),
    bytes: traffic.reduce((sum, bytes) => sum + bytes, 0) / operations.length,
    send: timesOf("send"),
    poll: timesOf("poll"),
    lag: spread(lags),
    okFraction: succeeded.length / operations.length,
    lostTime: lostTime(simulated, operations, end),
    isValid: simulated.every(({ verdict }) => verdict["valid?"] === true),
  };
}

function lostTime(
  simulated: readonly SimulationResult[],
  operations: ReturnType<typeof pairOperations>,
  end: number,
): number {
  const lost = operations.reduce(
    (sum, { invocation: { time }, completion }) =>
      completion?.type === "ok" ? sum : sum + Math.min(end, completion?.time ?? end) - time,
    0,
  );
  return lost / simulated.reduce((sum, { options }) => sum + options.concurrency * end, 0);
}

/** What clients asked before the end of the main phase, and what came of it. */
function operationsOf({ record }: SimulationResult, end: number) {
  return pairOperations(record.history).filter(({ invocation: { process, f, time } }) =>
    process !== "nemesis" && f !== "crash" && time < end
  );
}

/** The size in bytes of each. */
function messagesBetweenServers({ journal }: SimulationResult, end: number): number[] {
  return journal.flatMap(({ type, time, message }) => {
    const isOurs = type === "send" && time < end &&
      !message.src.startsWith("c") && !message.dest.startsWith("c");
    return isOurs ? [JSON.stringify(message).length] : [];
  });
}

function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), high: at(0.99) };
}
